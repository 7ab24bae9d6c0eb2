-- Gives or renews a lease. One script, because it might run out between looking at its holder and renewing it.
-- KEYS[1] lease   ARGV holder, milliseconds
-- Returns 1 when it is the holder's now.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
