-- In the log phase: a request is answered.
local c, op = require "counts", ngx.var.op
c.open = c.open - 1
if op == "part" or op == "list" then c["open_" .. op .. "s"] = c["open_" .. op .. "s"] - 1 end
