"""What every S3 port and every lane does, whatever is behind it."""
