"""Parameters of copy requests, part layout, and verification of the responses."""
