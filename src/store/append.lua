-- Takes one event in: forgets repeats, recognises the person, remembers the window, appends to the mailbox.
-- One script, because two intakes may meet the same new person at the same moment.
-- KEYS[1] tag   ARGV lane, seen key, seen seconds, event, assumed person, alias of user id, alias of phone,
--               user id, phone, name, time of the person's message ('' if it is none)
-- Messages are kept in the order in which they were sent, as far as they still wait: parallel webhooks of one album
-- arrive in any order. Nothing goes before a head that is being handled.
-- Returns { 1 new | 0 repeat, person }
local tag, lane, seen = KEYS[1], ARGV[1], ARGV[2]
local user, phone = ARGV[6], ARGV[7]

local function alias(name) return tag .. ':alias:' .. name end

local function recognise()
  local byUser = user ~= '' and redis.call('GET', alias(user))
  if byUser then return byUser end
  local byPhone = phone ~= '' and redis.call('GET', alias(phone))
  if not byPhone then return ARGV[5] end
  -- A phone number whose person has another user id was handed to somebody else.
  local known = redis.call('HGET', tag .. ':person:' .. byPhone, 'userId')
  if ARGV[8] ~= '' and known and known ~= ARGV[8] then return ARGV[5] end
  return byPhone
end

local function remember(person)
  local key = tag .. ':person:' .. person
  local function set(field, value) if value ~= '' then redis.call('HSET', key, field, value) end end
  if user ~= '' then redis.call('SET', alias(user), person) end
  if phone ~= '' then redis.call('SET', alias(phone), person) end
  set('userId', ARGV[8])
  set('phone', ARGV[9])
  set('name', ARGV[10])
  local last = redis.call('HGET', key, 'lastMessageAt')
  if not last or last < ARGV[11] then set('lastMessageAt', ARGV[11]) end
end

local function sentAt(raw) return raw and string.match(raw, '^{"v":1,"sentAt":"([^"]+)"') end

local function append(person, raw, time)
  local mailbox = tag .. ':mailbox:' .. lane .. ':' .. person
  local begun = redis.call('EXISTS', tag .. ':head:' .. lane .. ':' .. person)
  local length = redis.call('LLEN', mailbox)
  local later
  for index = length - 1, begun, -1 do
    local waiting = redis.call('LINDEX', mailbox, index)
    local other = sentAt(waiting)
    if time == '' or not other or other <= time then break end
    later = waiting
  end
  if later then redis.call('LINSERT', mailbox, 'BEFORE', later, raw) else redis.call('RPUSH', mailbox, raw) end
end

local person = recognise()
if not redis.call('SET', seen, 'waiting', 'NX', 'EX', ARGV[3]) then return { 0, person } end
if user ~= '' or phone ~= '' then remember(person) end
append(person, ARGV[4], ARGV[11])
redis.call('SADD', tag .. ':pending:' .. lane, person)
return { 1, person }
