"""ETag index without I/O: rows packed into blocks and segments, and the rows that a scan needs next."""
