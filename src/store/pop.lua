-- Takes the head off a mailbox if it is still the one that was handled: a worker that lost its lock must not pop
-- its successor's event. Optionally files it as a dead letter in the same step.
-- KEYS[1] tag   ARGV lane, person, sha1 of the head, id and text of the dead letter ('' if it is none), seen key of each
--               event in the head
-- Returns 0 when it was not popped, 1 when something waited behind it, 2 when nothing did.
local tag, lane, person, sha1, id, letter = KEYS[1], unpack(ARGV)
local mailbox = tag .. ':mailbox:' .. lane .. ':' .. person
local raw = redis.call('LINDEX', mailbox, 0)
if not raw or redis.sha1hex(raw) ~= sha1 then return 0 end
redis.call('LPOP', mailbox)
redis.call('DEL', tag .. ':head:' .. lane .. ':' .. person)
for index = 6, #ARGV do redis.call('SET', ARGV[index], id == '' and 'done' or 'dead', 'XX', 'KEEPTTL') end
if id ~= '' then redis.call('HSET', tag .. ':dead', id, letter) end
if redis.call('EXISTS', mailbox) == 1 then return 1 end
redis.call('SREM', tag .. ':pending:' .. lane, person)
return 2
