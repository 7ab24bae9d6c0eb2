-- Records a receipt at its outbound message if it moves it up; ranks come from domain/receipt.ts.
-- KEYS[1] outbound   ARGV state, rank, time, errors as JSON ('' if none), provider's message id, seconds to keep
-- Returns the intent's fields before the change as a flat list; empty when we know nothing of the message.
local before = redis.call('HGETALL', KEYS[1])
if #before == 0 then return before end
local rank = tonumber(redis.call('HGET', KEYS[1], 'receiptRank') or '0')
if tonumber(ARGV[2]) > rank then
  redis.call('HSET', KEYS[1], 'receipt', ARGV[1], 'receiptRank', ARGV[2], 'receiptAt', ARGV[3])
  if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'errors', ARGV[4]) end
end
redis.call('HSETNX', KEYS[1], 'messageId', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return before
