"""Parameters of copy requests, part layout, and verification of what came of them."""
