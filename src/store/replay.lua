-- Puts a dead letter back at the end of its mailbox; a second click finds nothing.
-- KEYS[1] tag   ARGV id, lane, person, event
-- Returns 1 when it was there.
local tag = KEYS[1]
if redis.call('HDEL', tag .. ':dead', ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', tag .. ':mailbox:' .. ARGV[2] .. ':' .. ARGV[3], ARGV[4])
redis.call('SADD', tag .. ':pending:' .. ARGV[2], ARGV[3])
return 1
