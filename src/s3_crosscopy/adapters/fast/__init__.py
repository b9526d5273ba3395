"""Sends the frequent requests for a fraction of boto3's CPU (docs/decisions/0005 and 0021), where pycurl is installed.

botocore itself makes the requests (`request_capture`, `request_template`) and reads every response that is no plain
success. Only the transport between the two is ours.
"""
