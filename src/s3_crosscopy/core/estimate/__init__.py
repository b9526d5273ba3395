"""The dry run: statistics, request counts and cost."""
