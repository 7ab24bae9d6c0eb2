-- Writes a stream anew without the entries of some people. XDEL only marks entries: their text would stay in Redis' memory
-- and in every file it writes, until all others of the same block have gone.
-- KEYS[1] stream   ARGV ids of the people
-- Returns how many entries were dropped.
local stream = KEYS[1]
local theirs = {}
for _, person in ipairs(ARGV) do theirs[person] = true end

-- A trace's entry is JSON; BullMQ's events name a person in a field of their own.
local function isTheirs(fields)
  for _, value in ipairs(fields) do
    if theirs[value] or theirs[string.match(value, '"person":"([^"]*)"')] then return true end
  end
  return false
end

local kept, dropped, last = {}, 0, nil
for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
  last = entry[1]
  if isTheirs(entry[2]) then dropped = dropped + 1 else table.insert(kept, entry) end
end
if dropped == 0 then return 0 end
redis.call('DEL', stream)
for _, entry in ipairs(kept) do redis.call('XADD', stream, entry[1], unpack(entry[2])) end
-- Who reads on from the last one must not miss what comes next.
if #kept > 0 then redis.call('XSETID', stream, last) end
return dropped
