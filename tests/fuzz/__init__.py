"""Every parser of bytes from outside, given what nobody would write: a value or one of our errors, soon and small."""
