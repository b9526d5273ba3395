"""Reports: every object's outcome as rows in numbered segments, in a folder or below an S3 prefix."""
