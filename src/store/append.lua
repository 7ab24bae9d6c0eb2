-- Takes one event in: forgets repeats, recognises the person, remembers the window, appends to the mailbox.
-- One script, because two intakes may meet the same new person at the same moment.
-- KEYS[1] tag   ARGV as named below; '' for what the event does not tell. Ids stand beside their aliases because the
--               aliases are digests. `time` is when the person wrote, '' if they did not; `opened` the same, but only for
--               what opens WhatsApp's window.
-- Returns { 1 new | 0 repeat, person }
local tag = KEYS[1]
local lane, seen, seconds, raw, assumed, user, phone, userId, number, name, time, opened, formerUser, formerPhone =
  unpack(ARGV)

local function known(alias) return alias ~= '' and redis.call('GET', tag .. ':alias:' .. alias) end

-- A phone number whose person has a user id, but not this one or it would be known, was handed to somebody else.
local function byPhone(alias)
  local person = known(alias)
  local isOther = person and userId ~= '' and redis.call('HGET', tag .. ':person:' .. person, 'userId')
  return not isOther and person
end

-- Former ids come first: a message under the new ones may have been quicker than the notice of the change.
local function recognise()
  return known(formerUser) or known(user) or byPhone(formerPhone) or byPhone(phone) or assumed
end

-- Whoever had this number before must not be written to under it any more.
local function takeNumberFrom(before)
  local key = tag .. ':person:' .. before
  if redis.call('HGET', key, 'phone') == number then redis.call('HDEL', key, 'phone') end
end

local function remember(person)
  local function link(alias, ...) if alias ~= '' then redis.call('SET', tag .. ':alias:' .. alias, person, ...) end end
  local before = known(phone)
  if before and before ~= person then takeNumberFrom(before) end
  link(user)
  link(phone)
  link(formerUser, 'NX')
  link(formerPhone, 'NX')

  local key = tag .. ':person:' .. person
  local function set(field, value) if value ~= '' then redis.call('HSET', key, field, value) end end
  set('userId', userId)
  set('phone', number)
  set('name', name)
  local last = redis.call('HGET', key, 'lastMessageAt')
  if not last or last < opened then set('lastMessageAt', opened) end
end

local function sentAt(waiting) return string.match(waiting, '^{"v":1,"sentAt":"([^"]+)"') end

-- Messages are kept in the order in which they were sent, as far as they still wait: parallel webhooks of one album
-- arrive in any order. Nothing goes before a head that is being handled.
local function append(mailbox, begun)
  local later
  for index = redis.call('LLEN', mailbox) - 1, begun, -1 do
    local waiting = redis.call('LINDEX', mailbox, index)
    local other = sentAt(waiting)
    if time == '' or not other or other <= time then break end
    later = waiting
  end
  if later then redis.call('LINSERT', mailbox, 'BEFORE', later, raw) else redis.call('RPUSH', mailbox, raw) end
end

local person = recognise()
if not redis.call('SET', seen, 'waiting', 'NX', 'EX', seconds) then return { 0, person } end
if user ~= '' or phone ~= '' then remember(person) end
local place = lane .. ':' .. person
append(tag .. ':mailbox:' .. place, redis.call('EXISTS', tag .. ':head:' .. place))
redis.call('SADD', tag .. ':pending:' .. lane, person)
return { 1, person }
