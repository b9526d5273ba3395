"""Values: what a location, an object, an option, a request and an outcome are. No I/O, no decisions."""
