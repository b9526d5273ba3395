"""The loop that lists, decides, copies and settles, and the only threads. Reaches S3 through the two ports alone."""
