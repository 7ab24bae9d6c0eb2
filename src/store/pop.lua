-- Takes the head off a mailbox if it is still the one that was handled: a worker that lost its lock must not pop
-- its successor's event. Optionally files it as a dead letter in the same step.
-- KEYS[1] tag   ARGV lane, person, sha1 of the head ('' only tidies up), seen key, id and text of the dead letter
-- Returns 1 when popped.
local tag, lane, person = KEYS[1], ARGV[1], ARGV[2]
local mailbox = tag .. ':mailbox:' .. lane .. ':' .. person
local popped = 0
local head = redis.call('LINDEX', mailbox, 0)
if head and ARGV[3] ~= '' and redis.sha1hex(head) == ARGV[3] then
  redis.call('LPOP', mailbox)
  redis.call('DEL', tag .. ':head:' .. lane .. ':' .. person)
  redis.call('SET', ARGV[4], ARGV[5] == '' and 'done' or 'dead', 'XX', 'KEEPTTL')
  if ARGV[5] ~= '' then redis.call('HSET', tag .. ':dead', ARGV[5], ARGV[6]) end
  popped = 1
end
if ARGV[3] == '' then redis.call('DEL', tag .. ':head:' .. lane .. ':' .. person) end
if redis.call('LLEN', mailbox) == 0 then redis.call('SREM', tag .. ':pending:' .. lane, person) end
return popped
