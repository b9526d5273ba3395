"""LIST and copy requests through libcurl, for a fraction of boto3's CPU (docs/decisions/0005), where pycurl is.

botocore itself makes the requests (`request_capture`, `request_template`) and reads every response that is no plain
success. Only the transport between the two is ours.
"""
