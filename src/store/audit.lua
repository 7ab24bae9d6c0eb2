-- Adds an entry to a channel's audit log, if it was made after the newest one, and may remove the oldest ones with it.
-- The hash is made outside, so that no secret is ever in Redis; whoever comes second gets the newest and makes it anew.
-- KEYS[1] tag   ARGV hash of the newest as known ('' for none), seq, hash, text, how many of the oldest to remove,
--               digest of what is told only once ('' for none), seconds for which it is
-- Returns { 1 } when added, { 0 } when told already, { -1, seq, hash } of the newest when that is another one.
local list, head = KEYS[1] .. ':audit', KEYS[1] .. ':audit:head'
local after, seq, hash, text, remove, once, seconds = unpack(ARGV)

local newest = redis.call('HMGET', head, 'seq', 'hash')
-- A call whose answer was lost comes again (ioredis, autoResendUnfulfilledCommands).
if newest[2] == hash then return { 1 } end
local told = KEYS[1] .. ':audit:told:' .. once
if once ~= '' and redis.call('EXISTS', told) == 1 then return { 0 } end
if (newest[2] or '') ~= after then return { -1, newest[1] or '', newest[2] or '' } end

redis.call('RPUSH', list, text)
redis.call('HSET', head, 'seq', seq, 'hash', hash)
redis.call('LTRIM', list, remove, -1)
if once ~= '' then redis.call('SET', told, '1', 'EX', seconds) end
return { 1 }
