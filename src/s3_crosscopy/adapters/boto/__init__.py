"""S3 through boto3: everything cold, and the default data path."""
