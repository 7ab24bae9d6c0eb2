-- Replaces a link whole: the next ticket must not inherit when the last one was closed.
-- KEYS[1] ticket link   ARGV its fields and values
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV))
