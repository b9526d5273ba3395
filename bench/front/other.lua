-- What is neither a list, a copy nor a HEAD: the three requests of an upload, tags, the bucket's Region.
local PARTS = tonumber("@PARTS@")
local XML, NS = '<?xml version="1.0" encoding="UTF-8"?>', ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
local ETAG = '<ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71'
local a, method = ngx.req.get_uri_args(), ngx.req.get_method()
local bucket, key = ngx.var.uri:match("^/([^/]+)/?(.*)$")
ngx.header["Content-Type"] = "application/xml"
-- nginx itself would answer 304 to If-None-Match and 412 to If-Match.
ngx.req.clear_header("If-None-Match")
ngx.req.clear_header("If-Match")
if method == "POST" and a.uploads then
  return ngx.print(XML, "<InitiateMultipartUploadResult", NS, "><Bucket>", bucket, "</Bucket><Key>", key, "</Key><UploadId>one</UploadId></InitiateMultipartUploadResult>")
elseif method == "POST" and a.uploadId then
  ngx.req.read_body()
  return ngx.print(XML, "<CompleteMultipartUploadResult", NS, "><Bucket>", bucket, "</Bucket><Key>", key, "</Key>", ETAG, PARTS > 1 and "-" .. PARTS or "", "&quot;</ETag></CompleteMultipartUploadResult>")
elseif a.tagging then
  return ngx.print(XML, "<Tagging", NS, "><TagSet></TagSet></Tagging>")
elseif a.location then
  return ngx.print(XML, "<LocationConstraint", NS, "></LocationConstraint>")
elseif a.uploads then
  return ngx.print(XML, "<ListMultipartUploadsResult", NS, "><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>")
end
ngx.print("")
