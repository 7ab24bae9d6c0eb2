-- Puts other events in place of the first ones of a mailbox, if they still are the first and nobody has begun the head
-- since the caller did. Otherwise a worker that lost its lock would change what another one is handling, or has tried.
-- KEYS[1] tag   ARGV lane, person, times the head was begun as the caller knows it, '1' when the new head is to count as
--               never begun, how many go, the sha1 of each, then the events that come, in order
-- Returns 1 when exchanged. A call whose answer was lost comes again (ioredis, autoResendUnfulfilledCommands): it is told
-- the same while nobody else has begun the new head, since a caller who went on with the old one would do a part as if it
-- were the whole. So is a second caller who wants a head that is never begun and is there already: nothing is left to do.
local tag, lane, person, begun, isNew, count = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local mailbox = tag .. ':mailbox:' .. lane .. ':' .. person
local head = tag .. ':head:' .. lane .. ':' .. person
local isBegunByCaller = redis.call('HGET', head, 'begun') == begun
if redis.call('LINDEX', mailbox, 0) == ARGV[6 + count] and (isNew == '1' or isBegunByCaller) then return 1 end
if not isBegunByCaller then return 0 end
local waiting = redis.call('LRANGE', mailbox, 0, count - 1)
for index = 1, count do
  if not waiting[index] or redis.sha1hex(waiting[index]) ~= ARGV[5 + index] then return 0 end
end
redis.call('LTRIM', mailbox, count, -1)
for index = #ARGV, 6 + count, -1 do redis.call('LPUSH', mailbox, ARGV[index]) end
if isNew == '1' then redis.call('DEL', head) end
return 1
