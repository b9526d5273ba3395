-- The rows of a listing, made once before the worker starts, so that a page is a cut and not a thousand formats.
-- Every row has the same width, which makes a cut arithmetic. With DIFFERING the two sides have the same sizes but other
-- ETags, of other numbers of parts, and a copy a month younger; with "checksums" a listing names the algorithm too.
local DIFFERING = "@DIFFERING@"
local N = tonumber("@KEYS@")
local PER = 1000
local ALGORITHM = '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>'
local function made(month, parts)
  local row = '<Contents><Key>data/part-%09d.parquet</Key><LastModified>2026-' .. month .. '-01T00:00:00.000Z</LastModified><ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71' .. parts .. '&quot;</ETag>' .. (DIFFERING == "checksums" and ALGORITHM or "") .. '<Size>11</Size><StorageClass>STANDARD</StorageClass></Contents>'
  local blocks = {}
  for start = 0, N - 1, PER do
    local rows = {}
    for i = start, math.min(start + PER, N) - 1 do rows[#rows + 1] = string.format(row, i) end
    blocks[start / PER] = table.concat(rows)
  end
  return blocks, #string.format(row, 0)
end
local source, width = made("01", DIFFERING ~= "" and "-2" or "")
local full = DIFFERING ~= "" and made("02", "-3") or source

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

package.loaded.rows = { number = N, cut = cut }
-- Each worker counts for itself, and there is one. "open" are the requests that are answered now.
package.loaded.counts = { list = 0, copy = 0, part = 0, head = 0, other = 0, requests = 0, open = 0, peak = 0, open_parts = 0, peak_parts = 0, open_lists = 0, peak_lists = 0 }
