-- Forgets the oldest of the quarantine, if nobody has added or removed any since they were counted.
-- KEYS[1] quarantine   ARGV how many, how many there were in all
-- Returns 1 when they are gone.
if redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
return 1
