"""Values used by several packages: locations, objects, options, requests, outcomes, reports. No I/O, no decisions."""
