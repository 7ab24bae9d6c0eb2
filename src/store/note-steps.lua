-- Notes what was done for an event.
-- KEYS[1] steps   ARGV seconds to keep them, then names and results
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
