-- Puts the same value under another key in place of the old one, if it still stands there. The head of a mailbox that is
-- being handled stays: its worker takes it off by what it was.
-- KEYS[1] key   ARGV type of the key, field ('' for none), value as it was, value as it is to be, head ('' for none), field and
--               value to add beside it ('' for none)
-- Returns 1 when replaced, 0 when it is gone or another by now, -1 when it is being handled.
local key = KEYS[1]
local kind, field, before, after, head, name, value = unpack(ARGV)
if kind == 'list' then
  local at = redis.call('LPOS', key, before)
  if not at then return 0 end
  if at == 0 and head ~= '' and tonumber(redis.call('HGET', head, 'unended') or '0') > 0 then return -1 end
  redis.call('LSET', key, at, after)
elseif kind == 'hash' then
  if redis.call('HGET', key, field) ~= before then return 0 end
  redis.call('HSET', key, field, after)
  if name ~= '' then redis.call('HSET', key, name, value) end
else
  if redis.call('GET', key) ~= before then return 0 end
  redis.call('SET', key, after, 'KEEPTTL')
end
return 1
