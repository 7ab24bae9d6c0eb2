-- Looks at the head of a mailbox and marks it as begun, so that an event which ends its worker is noticed, and so that
-- no message sent earlier goes before it any more. An empty mailbox is no longer listed as pending.
-- KEYS[1] tag   ARGV lane, person
-- Returns { head, failed tries, time of the first failure or '', times begun before without an end, times begun in all };
-- empty when nothing waits.
local tag, lane, person = KEYS[1], ARGV[1], ARGV[2]
local raw = redis.call('LINDEX', tag .. ':mailbox:' .. lane .. ':' .. person, 0)
if not raw then
  redis.call('SREM', tag .. ':pending:' .. lane, person)
  return {}
end
local head = tag .. ':head:' .. lane .. ':' .. person
local unfinished = redis.call('HINCRBY', head, 'unfinished', 1) - 1
local begun = redis.call('HINCRBY', head, 'begun', 1)
local tries, since = unpack(redis.call('HMGET', head, 'tries', 'since'))
return { raw, tries or '0', since or '', unfinished, begun }
