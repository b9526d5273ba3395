"""The hot requests through libcurl, for a fraction of boto3's CPU (docs/decisions/0005): the extra `fast`.

What a request says is botocore's own (`capture`, `templates`), and so is what becomes of an answer that is no plain
success. Only the way between is ours.
"""
