-- May something be sent although the channel is stopped? One message at a time may, to find out whether it is over.
-- KEYS[1] stop   ARGV now, first wait, longest wait (milliseconds)
-- Returns what is to be said and the milliseconds to wait, 0 for the one that tries; empty when nothing is stopped.
local at = redis.call('HGET', KEYS[1], 'probeAt')
if not at then return {} end
local says = redis.call('HGET', KEYS[1], 'says')
local now = tonumber(ARGV[1])
if now < tonumber(at) then return {says, tonumber(at) - now} end
local probes = redis.call('HINCRBY', KEYS[1], 'probes', 1)
local wait = math.min(tonumber(ARGV[2]) * 2 ^ math.min(probes, 20), tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'probeAt', now + wait)
return {says, 0}
