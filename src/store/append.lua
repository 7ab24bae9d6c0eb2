-- Takes one event in: forgets repeats, recognises the person, remembers the window, appends to the mailbox.
-- One script, because two intakes may meet the same new person at the same moment.
-- KEYS[1] tag   ARGV as named below; '' for what the event does not tell. Ids stand beside their aliases because the
--               aliases are digests. `time` is when the person wrote, '' if they did not; `opened` the same, but only for
--               what opens WhatsApp's window. `message` is its id, if it can be reacted to; `ad` when it came by an
--               advertisement.
-- Returns { 1 new | 0 repeat, person }
local tag = KEYS[1]
local lane, seen, seconds, raw, assumed, user, phone, userId, number, name, time, opened, formerUser, formerPhone,
  message, ad =
  unpack(ARGV)

local function personKey(person) return tag .. ':person:' .. person end

-- Who turned out to be somebody known already leads to them.
local function whole(person)
  local other = redis.call('HGET', personKey(person), 'sameAs')
  return other and whole(other) or person
end

local function known(alias)
  local person = alias ~= '' and redis.call('GET', tag .. ':alias:' .. alias)
  return person and whole(person)
end

-- A phone number whose person has a user id, but not this one or it would be known, was handed to somebody else.
local function byPhone(alias)
  local person = known(alias)
  local showsUser = userId ~= '' or formerUser ~= ''
  local isOther = person and showsUser and redis.call('HGET', personKey(person), 'userId')
  return not isOther and person
end

-- Who it is, and under which other ids the same person was taken for somebody else. Former ids come first: a message
-- under the new ones may have been quicker than the notice of the change. A number alone joins two only if the person
-- had none until now: a number that one changes to may be known as that of its last owner.
local function recognise()
  local person, doubles = false, {}
  local function add(found)
    if not person then person = found elseif found and found ~= person then table.insert(doubles, found) end
  end
  add(known(formerUser))
  add(known(user))
  add(byPhone(formerPhone))
  local isChange = formerUser ~= '' or formerPhone ~= ''
  if not person or not isChange and not redis.call('HGET', personKey(person), 'phone') then add(byPhone(phone)) end
  return person or assumed, doubles
end

local function noteWriting(person, at, id)
  local last = redis.call('HGET', personKey(person), 'lastMessageAt')
  if last and last > at then return end
  redis.call('HSET', personKey(person), 'lastMessageAt', at)
  if id ~= '' then redis.call('HSET', personKey(person), 'lastMessageId', id) end
end

-- What either asked for last counts for both; a stop, when they asked at once.
local function joinConsents(scope, from, to)
  local one, other = tag .. ':consent:' .. scope .. ':' .. from, tag .. ':consent:' .. scope .. ':' .. to
  local at, last = redis.call('HGET', one, 'at'), redis.call('HGET', other, 'at')
  local counts = at and (not last or last < at or last == at and redis.call('HGET', one, 'state') == 'stop')
  if counts then redis.call('COPY', one, other, 'REPLACE') end
  redis.call('DEL', one)
end

-- Templates are held back from both for as long as from either.
local function joinHolds(from, to)
  local one, other = tag .. ':stop:person:' .. from, tag .. ':stop:person:' .. to
  local ends, last = redis.call('HGET', one, 'until'), redis.call('HGET', other, 'until')
  if ends and (not last or tonumber(last) < tonumber(ends)) then redis.call('COPY', one, other, 'REPLACE') end
  redis.call('DEL', one)
end

-- Two were one all along. Who has a ticket stays, so that staff go on there. What still waits for the other is handled
-- as theirs, and both are linked to one contact.
local function join(one, other)
  local function has(what, person) return redis.call('EXISTS', tag .. ':' .. what .. ':' .. person) == 1 end
  local stays, goes = one, other
  if has('ticket', other) and not has('ticket', one) then stays, goes = other, one end
  local from, to = stays, goes
  if not has('contact', stays) then from, to = goes, stays end
  redis.call('COPY', tag .. ':contact:' .. from, tag .. ':contact:' .. to, 'REPLACE')

  local writing, id = unpack(redis.call('HMGET', personKey(goes), 'lastMessageAt', 'lastMessageId'))
  if writing then noteWriting(stays, writing, id or '') end
  local facts = redis.call('HGETALL', personKey(goes))
  for index = 1, #facts, 2 do redis.call('HSETNX', personKey(stays), facts[index], facts[index + 1]) end
  joinConsents('all', goes, stays)
  joinConsents('marketing', goes, stays)
  joinHolds(goes, stays)
  redis.call('DEL', personKey(goes))
  redis.call('HSET', personKey(goes), 'sameAs', stays)
  return stays
end

-- Whoever had this number before must not be written to under it any more.
local function takeNumberFrom(before)
  local key = personKey(before)
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

  local function set(field, value) if value ~= '' then redis.call('HSET', personKey(person), field, value) end end
  set('userId', userId)
  set('phone', number)
  set('name', name)
  set('adAt', ad)
  if opened ~= '' then noteWriting(person, opened, message) end
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

local person, doubles = recognise()
if not redis.call('SET', seen, 'waiting', 'NX', 'EX', seconds) then return { 0, person } end
for _, double in ipairs(doubles) do
  if whole(double) ~= person then person = join(person, double) end
end
if user ~= '' or phone ~= '' then remember(person) end
local place = lane .. ':' .. person
append(tag .. ':mailbox:' .. place, redis.call('EXISTS', tag .. ':head:' .. place))
redis.call('SADD', tag .. ':pending:' .. lane, person)
return { 1, person }
