"""Reports: the outcome of every object as rows in numbered segments, in a folder or below an S3 prefix."""
