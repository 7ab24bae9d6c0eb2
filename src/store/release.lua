-- Forgets an intent whose end nobody knows, so that the record may be made again. One that came to an end stays.
-- KEYS[1] intent
if redis.call('HEXISTS', KEYS[1], 'result') == 0 then redis.call('DEL', KEYS[1]) end
