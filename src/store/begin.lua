-- Looks at the head of a mailbox and marks it as begun, so that an event which ends its worker is noticed, and so that
-- no message sent earlier goes before it any more. An empty mailbox is no longer listed as pending.
-- KEYS[1] tag   ARGV lane, person, newest version of envelope that the caller can read
-- Returns { head, failed tries, time of the first failure or '', times begun before without an end, times begun in all };
-- empty when nothing waits; the head alone when a newer version of Deskferry wrote it: that one is left as it is, and
-- counted for nothing, so that the newer worker who takes it up does not think it ended others.
local tag, lane, person, newest = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local raw = redis.call('LINDEX', tag .. ':mailbox:' .. lane .. ':' .. person, 0)
if not raw then
  redis.call('SREM', tag .. ':pending:' .. lane, person)
  return {}
end
local version = tonumber(string.match(raw, '^{"v":(%d+)'))
if not version or version > newest then return { raw } end
local head = tag .. ':head:' .. lane .. ':' .. person
-- Not `unfinished`, where older versions count what they cannot read: one that was rolled back to would bury it.
local unfinished = redis.call('HINCRBY', head, 'unended', 1) - 1
local begun = redis.call('HINCRBY', head, 'begun', 1)
local tries, since = unpack(redis.call('HMGET', head, 'tries', 'since'))
return { raw, tries or '0', since or '', unfinished, begun }
