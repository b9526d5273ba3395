"""Adapters, which implement the ports: S3 clients, clock, checkpoint file, event sinks. Only they import boto."""
