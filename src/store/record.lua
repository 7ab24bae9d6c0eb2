-- Adds an anonymised input to a channel's recording, unless it is there already, and trims it by age and number.
-- KEYS[1] tag   ARGV key it was anonymised with, id, text, now (ms), most inputs, most age (ms)
-- Returns 1 when recorded, 0 when known already, -1 when the recording was cleared meanwhile and has another key.
local order = KEYS[1] .. ':recording'
local texts = KEYS[1] .. ':recording:inputs'
local secret = KEYS[1] .. ':recording:key'
local key, id, text = ARGV[1], ARGV[2], ARGV[3]
local now, most, age = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

if redis.call('GET', secret) ~= key then return -1 end
local added = redis.call('ZADD', order, 'NX', now, id)
if added == 1 then redis.call('HSET', texts, id, text) end

local old = redis.call('ZRANGEBYSCORE', order, '-inf', '(' .. (now - age))
local over = redis.call('ZCARD', order) - #old - most
if over > 0 then
  for _, each in ipairs(redis.call('ZRANGE', order, #old, #old + over - 1)) do table.insert(old, each) end
end
for _, each in ipairs(old) do
  redis.call('ZREM', order, each)
  redis.call('HDEL', texts, each)
end
-- A channel that falls silent is forgotten as a whole, its key too.
for _, each in ipairs({ order, texts, secret }) do redis.call('PEXPIRE', each, age) end
return added
