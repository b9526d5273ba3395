"""Estimates of a dry run: statistics, request counts, cost and duration."""
