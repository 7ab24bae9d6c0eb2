-- Keeps something that goes to no mailbox: the quarantined and the account's own news. Forgets repeats.
-- KEYS[1] tag   ARGV list, seen key, seen seconds, text, most entries (0: no limit)
-- Returns 1 when new.
if not redis.call('SET', ARGV[2], 'done', 'NX', 'EX', ARGV[3]) then return 0 end
local list = KEYS[1] .. ':' .. ARGV[1]
redis.call('RPUSH', list, ARGV[4])
if ARGV[5] ~= '0' then redis.call('LTRIM', list, -tonumber(ARGV[5]), -1) end
return 1
