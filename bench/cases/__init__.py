"""The rows of the table, one small function each, by what they measure."""
