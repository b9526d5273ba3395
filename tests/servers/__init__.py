"""S3 servers for the tests: a real Ceph RGW, moto, and a scriptable stub at the wire.

Knows nothing of the product: everything here is plain boto3, sockets and processes.
"""
