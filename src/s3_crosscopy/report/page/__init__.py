"""A report for people: its content (`blocks`, the sections) and one self-contained HTML file (`page`)."""
