-- In the access phase: what is asked for, and how many requests are open at once.
local c = require "counts"
local op = ngx.var.op
c.requests = c.requests + 1
c[op] = c[op] + 1
c.open = c.open + 1
if c.open > c.peak then c.peak = c.open end
if op == "part" or op == "list" then
  local open, peak = "open_" .. op .. "s", "peak_" .. op .. "s"
  c[open] = c[open] + 1
  if c[open] > c[peak] then c[peak] = c[open] end
end
if op == "copy" then require("rows").kept.take(ngx.var.request_uri, ngx.now()) end
ngx.ctx.counted = op
