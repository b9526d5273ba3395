-- list_objects_v2 over N made-up keys data/part-%09d.parquet; StartAfter is any string, a token the next index.
-- Buckets whose name begins with "src" or "full" hold all of them, "kept" those that were copied, "large" one object,
-- every other one is empty.
if @LIST_S@ > 0 then ngx.sleep(@LIST_S@) end
local rows = require "rows"
local a = ngx.req.get_uri_args()
local bucket = ngx.var.uri:match("^/([^/]+)") or ""
local per = math.min(tonumber(a["max-keys"] or 1000), 1000)
local N = rows.number
local function key(i) return string.format("data/part-%09d.parquet", i) end
local function first_after(s) -- the smallest i with key(i) > s
  local lo, hi = 0, N
  while lo < hi do local m = math.floor((lo + hi) / 2); if key(m) > s then hi = m else lo = m + 1 end end
  return lo
end
local from, n = 0, N
if not (bucket:sub(1, 3) == "src" or bucket:sub(1, 4) == "full" or bucket == "kept") then n = 0 end
local prefix = a["prefix"] or ""
if n > 0 and prefix ~= "" and ("data/"):sub(1, #prefix) ~= prefix then
  from = first_after(prefix); if from > 0 and key(from - 1) == prefix then from = from - 1 end
  n = first_after(prefix .. "\255")
end
if a["continuation-token"] then from = tonumber(a["continuation-token"])
elseif a["start-after"] and a["start-after"] ~= "" then from = math.max(from, first_after(a["start-after"])) end
local to, cut = math.min(from + per, n), nil
local number = math.max(0, to - from)
if bucket == "kept" then
  cut, to = rows.kept.page(from, per)
  number, to = #cut, to or n
end
local o = {'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>', bucket, '</Name><Prefix>', prefix, '</Prefix>'}
if a["encoding-type"] == "url" then o[#o+1] = '<EncodingType>url</EncodingType>' end
o[#o+1] = '<KeyCount>' .. number .. '</KeyCount><MaxKeys>' .. per .. '</MaxKeys><IsTruncated>' .. (to < n and 'true' or 'false') .. '</IsTruncated>'
if to < n then o[#o+1] = '<NextContinuationToken>' .. to .. '</NextContinuationToken>' end
o[#o+1] = cut or rows.cut(bucket, from, to)
o[#o+1] = '</ListBucketResult>'
ngx.header["Content-Type"] = "application/xml"
ngx.print(o)
