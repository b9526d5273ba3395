"""Files of an ETag index: opened, read, written, and merged from those of shards."""
