-- The next message finds out at once whether a stop is over, and the waits after it begin anew.
-- KEYS[1] stop   ARGV now (milliseconds)
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'probeAt', ARGV[1], 'probes', 0) end
