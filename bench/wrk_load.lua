-- What wrk sends: one CopyObject with the size of a signed one, and no signature made.
wrk.method = "PUT"
wrk.path = "/dst/in/part-000000000.parquet"
wrk.headers["x-amz-copy-source"] = "src/data/part-000000000.parquet"
wrk.headers["x-amz-date"] = "20260101T000000Z"
wrk.headers["x-amz-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
wrk.headers["x-amz-copy-source-if-match"] = '"70ee1738b6b21e2c8a43f3a5ab0eee71"'
wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-copy-source;x-amz-copy-source-if-match;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
wrk.headers["Content-Length"] = "0"
