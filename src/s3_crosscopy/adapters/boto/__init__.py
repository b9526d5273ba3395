"""S3 through boto3: all blocking requests, and the default data path."""
