"""Rules about permissions and policies; makes no request."""
