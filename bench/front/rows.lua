-- The rows of a listing, made once before the worker starts, so that a page is a cut and not a thousand formats.
-- Every row has the same width, which makes a cut arithmetic. With DIFFERING the two sides have the same sizes but other
-- ETags, and a copy a month younger: "parts" and "checksums" of other numbers of parts, "kms" plain ones that are no MD5s;
-- with "checksums" a listing names the algorithm too.
local DIFFERING = "@DIFFERING@"
local N = tonumber("@KEYS@")
local PER = 1000
local ALGORITHM = '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>'
local function made(month, etag)
  local row = '<Contents><Key>data/part-%09d.parquet</Key><LastModified>2026-' .. month .. '-01T00:00:00.000Z</LastModified><ETag>&quot;' .. etag .. '&quot;</ETag>' .. (DIFFERING == "checksums" and ALGORITHM or "") .. '<Size>11</Size><StorageClass>STANDARD</StorageClass></Contents>'
  local blocks = {}
  for start = 0, N - 1, PER do
    local rows = {}
    for i = start, math.min(start + PER, N) - 1 do rows[#rows + 1] = string.format(row, i) end
    blocks[start / PER] = table.concat(rows)
  end
  return blocks, #string.format(row, 0)
end
local ETAG, IN_PARTS = "70ee1738b6b21e2c8a43f3a5ab0eee71", DIFFERING ~= "" and DIFFERING ~= "kms"
local source, width = made("01", ETAG .. (IN_PARTS and "-2" or ""))
local full = DIFFERING == "" and source or made("02", IN_PARTS and ETAG .. "-3" or "0d8f0e6c1b5a49a7a5c2f1e09b7d3c64")

local function cut(bucket, from, to) -- rows from <= i < to, as one or two strings
  local out = {}
  local blocks = bucket:sub(1, 4) == "full" and full or source
  while from < to do
    local block = math.floor(from / PER)
    local last = math.min(to, (block + 1) * PER)
    if from == block * PER and last == from + PER then out[#out + 1] = blocks[block]
    else out[#out + 1] = blocks[block]:sub((from - block * PER) * width + 1, (last - block * PER) * width) end
    from = last
  end
  return out
end

-- The bucket "kept" has the keys that were copied to it, while requests are counted.
local ffi = require "ffi"
local copied = ffi.new("uint8_t[?]", N + 1)
local kept = { first_new = 0 }
function kept.take(path, now) -- a copy is asked for; `first_new` is when the first one of another key came
  local i = tonumber(path:match("^/kept/.*part%%2D(%d+)") or path:match("^/kept/.*part%-(%d+)"))
  if i == nil or i >= N or copied[i] == 1 then return end
  copied[i] = 1
  if kept.first_new == 0 then kept.first_new = now end
end
function kept.page(from, per) -- at most `per` rows from the index on, and the index behind them, nil at the end
  local out, i = {}, from
  while i < N and #out < per do
    if copied[i] == 1 then out[#out + 1] = cut("src", i, i + 1)[1] end
    i = i + 1
  end
  while i < N and copied[i] == 0 do i = i + 1 end
  return out, i < N and i or nil
end

package.loaded.rows = { number = N, cut = cut, kept = kept }
-- Each worker counts for itself, and there is one. "open" are the requests that are answered now.
package.loaded.counts = { list = 0, copy = 0, part = 0, head = 0, other = 0, requests = 0, open = 0, peak = 0, open_parts = 0, peak_parts = 0, open_lists = 0, peak_lists = 0 }
