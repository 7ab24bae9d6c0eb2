-- Records what the helpdesk says of a ticket, unless the conversation has moved on to another one: both lanes of a
-- conversation are at work at the same time.
-- KEYS[1] ticket link   ARGV ticket id, status, time of closing ('' when it is open)
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], 'status', ARGV[2])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], 'closedAt') else redis.call('HSET', KEYS[1], 'closedAt', ARGV[3]) end
