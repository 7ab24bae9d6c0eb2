-- Notes that a record is about to be made.
-- KEYS[1] intent   ARGV milliseconds since 1970, seconds to keep it
-- Returns the number of this try
redis.call('HSET', KEYS[1], 'at', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HINCRBY', KEYS[1], 'attempts', 1)
