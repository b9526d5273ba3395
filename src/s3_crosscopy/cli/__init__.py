"""The command `s3-crosscopy`: arguments, progress, result and exit codes around `copy()`."""
