-- A helpdesk wants no calls for a while. A pause under way is never cut short.
-- KEYS[1] pace   ARGV now, milliseconds
local now, ends = tonumber(ARGV[1]) * 1000, tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
local wanted = now + tonumber(ARGV[2]) * 1000
if wanted <= ends then return end
redis.call('HINCRBY', KEYS[1], 'shift', string.format('%.0f', wanted - math.max(now, ends)))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', wanted))
redis.call('PEXPIRE', KEYS[1], 86400000)
