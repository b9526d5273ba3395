"""Requests that find out what the principals may do, with boto3."""
