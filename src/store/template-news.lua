-- Remembers what a webhook says of a template, unless something later is known: webhooks come in any order.
-- KEYS[1] news   ARGV status, time by the provider, time of arrival in milliseconds, seconds to keep
-- Returns 1 when it is the latest.
local at = redis.call('HGET', KEYS[1], 'at')
if at and at > ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[1], 'at', ARGV[2], 'arrivedAt', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
