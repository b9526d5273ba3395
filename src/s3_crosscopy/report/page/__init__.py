"""A report for people: what it says (`content`), as one HTML file without anything from elsewhere (`page`)."""
