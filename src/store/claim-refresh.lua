-- Gives one worker the right to ask the account for its templates, so that all together do not ask too often.
-- KEYS[1] state   ARGV now, milliseconds between two askings
-- Returns 1 for the one who asks.
local last = redis.call('HGET', KEYS[1], 'claimedAt')
if last and tonumber(ARGV[1]) < tonumber(last) + tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'claimedAt', ARGV[1])
return 1
