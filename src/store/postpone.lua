-- Handling the head ended alive but without success: it stays and is tried again. Ignored when the head is another by
-- now: a worker that lost its lock must not count its failure against its successor's event.
-- KEYS[1] tag   ARGV lane, person, sha1 of the head, time of the failure ('' when it was only put off)
local tag, lane, person = KEYS[1], ARGV[1], ARGV[2]
local raw = redis.call('LINDEX', tag .. ':mailbox:' .. lane .. ':' .. person, 0)
if not raw or redis.sha1hex(raw) ~= ARGV[3] then return end
local head = tag .. ':head:' .. lane .. ':' .. person
redis.call('HSET', head, 'unended', 0)
if ARGV[4] == '' then return end
redis.call('HSETNX', head, 'since', ARGV[4])
redis.call('HINCRBY', head, 'tries', 1)
