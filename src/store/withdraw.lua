-- Takes back a try that certainly had no effect; earlier ones, whose end is unclear, stay on record.
-- KEYS[1] intent or outbound
if redis.call('HINCRBY', KEYS[1], 'attempts', -1) <= 0 then redis.call('DEL', KEYS[1]) end
