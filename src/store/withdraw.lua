-- Takes back a try that certainly had no effect; earlier ones, whose end is unclear, stay on record.
-- KEYS[1] intent or outbound   ARGV id of this call: one whose answer was lost comes again, and takes nothing more back
if redis.call('HGET', KEYS[1], 'withdrawn') == ARGV[1] then return end
if redis.call('HINCRBY', KEYS[1], 'attempts', -1) <= 0 then redis.call('DEL', KEYS[1])
else redis.call('HSET', KEYS[1], 'withdrawn', ARGV[1]) end
