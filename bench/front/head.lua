-- HEAD: a bucket is there, an object of an "empty" bucket is not, one of a "large" bucket has LARGE bytes in PARTS parts.
local LARGE, PARTS = tonumber("@LARGE@"), tonumber("@PARTS@")
if @HEAD_S@ > 0 then ngx.sleep(@HEAD_S@) end
local bucket, key = ngx.var.uri:match("^/([^/]+)/?(.*)$")
ngx.header["x-amz-bucket-region"] = "us-east-1"
if key == "" then return ngx.exit(200) end
if bucket:sub(1, 5) == "empty" then return ngx.exit(404) end
ngx.header["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
ngx.header["ETag"] = '"70ee1738b6b21e2c8a43f3a5ab0eee71"'
ngx.header["Content-Length"] = 11
local DIFFERING = "@DIFFERING@"
if DIFFERING ~= "" then -- as in rows.lua
  local copy = bucket:sub(1, 4) == "full"
  ngx.header["Last-Modified"] = copy and "Sun, 01 Feb 2026 00:00:00 GMT" or "Thu, 01 Jan 2026 00:00:00 GMT"
  ngx.header["ETag"] = '"70ee1738b6b21e2c8a43f3a5ab0eee71-' .. (copy and "3" or "2") .. '"'
  if DIFFERING == "kms" then
    ngx.header["ETag"] = copy and '"0d8f0e6c1b5a49a7a5c2f1e09b7d3c64"' or '"70ee1738b6b21e2c8a43f3a5ab0eee71"'
    ngx.header["x-amz-server-side-encryption"] = copy and "aws:kms" or "AES256"
  end
  if DIFFERING == "checksums" then
    ngx.header["x-amz-checksum-crc64nvme"] = "M3eFcAZSQlc="
    ngx.header["x-amz-checksum-type"] = "FULL_OBJECT"
  end
end
if bucket:sub(1, 5) == "large" then
  local part = tonumber(ngx.var.arg_partNumber or "")
  ngx.header["ETag"] = '"70ee1738b6b21e2c8a43f3a5ab0eee71' .. (PARTS > 1 and "-" .. PARTS or "") .. '"'
  ngx.header["Content-Length"] = string.format("%.0f", part and math.ceil(LARGE / PARTS) or LARGE)
  if part then ngx.header["x-amz-mp-parts-count"] = PARTS; ngx.status = 206 end
end
return ngx.exit(ngx.status == 206 and 206 or 200)
