-- Hands out messages whose time to be delivered is over, each to one worker; should that one die, they come again.
-- KEYS[1] undelivered   ARGV now, until when nobody else gets them (milliseconds), how many at most
-- Returns their intents, the longest overdue first.
local intents = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, intent in ipairs(intents) do redis.call('ZADD', KEYS[1], ARGV[2], intent) end
return intents
