-- Takes events in, one after the other: forgets repeats, recognises the person, remembers the window, appends to the
-- mailbox. One script, because two intakes may meet the same new person at the same moment; one call for all that came
-- in one turn of the intake's event loop.
-- KEYS[1] tag   ARGV for each event the 21 named below; '' for what it does not tell. Ids stand beside their aliases
--               because the aliases are digests. `time` is when the person wrote, '' if they did not; `opened` the same,
--               but only for what opens WhatsApp's window. `message` is its id, if it can be reacted to; `ad` when it
--               came by an advertisement. What says who somebody is may be encrypted: then `numberHash` is the SHA-1 of the
--               number, and the names that begin with `plain` are what aliases were named without a key.
-- Returns for each event three things, in one list: 1 new | 0 repeat, person, 1 if nothing waited in that mailbox before
local tag, SIZE = KEYS[1], 21
local lane, seen, seconds, raw, assumed, user, phone, userId, number, name, time, opened, formerUser, formerPhone,
  message, ad, numberHash, plainUser, plainPhone, plainFormerUser, plainFormerPhone

local function personKey(person) return tag .. ':person:' .. person end

-- Who turned out to be somebody known already leads to them.
local function whole(person)
  local other = redis.call('HGET', personKey(person), 'sameAs')
  return other and whole(other) or person
end

local function leads(alias) return alias and alias ~= '' and redis.call('GET', tag .. ':alias:' .. alias) end

-- A user id leads to who was first known by it without an entry that says so: it is handed to nobody else, as numbers are.
local function leadsUser(alias)
  local isSomebody = alias and alias ~= '' and redis.call('EXISTS', personKey(alias)) == 1
  return leads(alias) or isSomebody and alias
end

-- From now on an alias goes by its name with a key.
local function rename(before, alias, person)
  if not person then return end
  redis.call('SET', tag .. ':alias:' .. alias, person, 'NX')
  redis.call('DEL', tag .. ':alias:' .. before)
end

local function known(person) return person and whole(person) end

-- A phone number whose person has a user id, but not this one or it would be known, was handed to somebody else.
local function byPhone(alias)
  local person = known(leads(alias))
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
  add(known(leadsUser(formerUser)))
  add(known(leadsUser(user)))
  add(byPhone(formerPhone))
  local isChange = formerUser ~= '' or formerPhone ~= ''
  if not person or not isChange and not redis.call('HGET', personKey(person), 'phone') then add(byPhone(phone)) end
  return person or assumed, doubles
end

local function noteWriting(person, at, id)
  local last = redis.call('HGET', personKey(person), 'lastMessageAt')
  if last and last > at then return end
  if id == '' then redis.call('HSET', personKey(person), 'lastMessageAt', at)
  else redis.call('HSET', personKey(person), 'lastMessageAt', at, 'lastMessageId', id) end
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
  local hasNumber = redis.call('HEXISTS', personKey(stays), 'phone') == 1
  for index = 1, #facts, 2 do
    local isOfOther = hasNumber and facts[index] == 'phoneName'
    if not isOfOther then redis.call('HSETNX', personKey(stays), facts[index], facts[index + 1]) end
  end
  joinConsents('all', goes, stays)
  joinConsents('marketing', goes, stays)
  joinHolds(goes, stays)
  redis.call('DEL', personKey(goes))
  redis.call('HSET', personKey(goes), 'sameAs', stays)
  return stays
end

-- Whoever had this number before must not be written to under it any more. An encrypted number is told by its name.
local function takeNumberFrom(before)
  local key = personKey(before)
  local theirs, name = unpack(redis.call('HMGET', key, 'phone', 'phoneName'))
  local isThis = theirs == number or name == phone or theirs and redis.sha1hex(theirs) == numberHash
  if isThis then redis.call('HDEL', key, 'phone', 'phoneName') end
end

-- Written is only what is not known yet: every write goes into the append-only file. What is encrypted looks new each time.
local function remember(person)
  local facts = redis.call('HMGET', personKey(person), 'userId', 'phone', 'phoneName', 'name', 'adAt')
  local function set(index, field, value)
    if value ~= '' and facts[index] ~= value then redis.call('HSET', personKey(person), field, value) end
  end
  set(1, 'userId', userId)
  set(2, 'phone', number)
  if numberHash ~= '' then set(3, 'phoneName', phone) end
  set(4, 'name', name)
  set(5, 'adAt', ad)
  if opened ~= '' then noteWriting(person, opened, message) end

  local function link(alias) if alias ~= '' then redis.call('SET', tag .. ':alias:' .. alias, person) end end
  local led = leads(phone)
  local before = led and whole(led)
  if before and before ~= person then takeNumberFrom(before) end
  if leadsUser(user) ~= person then link(user) end
  if led ~= person then link(phone) end
  if not leadsUser(formerUser) then link(formerUser) end
  if not leads(formerPhone) then link(formerPhone) end
end

local function sentAt(waiting) return string.match(waiting, '^{"v":[13],"sentAt":"([^"]+)"') end

local function isLater(waiting)
  local other = waiting and sentAt(waiting)
  return other and other > time
end

-- Messages are kept in the order in which they were sent, as far as they still wait: parallel webhooks of one album
-- arrive in any order. Nothing goes before a head that is being handled.
local function append(mailbox, head)
  local later
  if time ~= '' and isLater(redis.call('LINDEX', mailbox, -1)) then
    for index = redis.call('LLEN', mailbox) - 1, redis.call('EXISTS', head), -1 do
      local waiting = redis.call('LINDEX', mailbox, index)
      if not isLater(waiting) then break end
      later = waiting
    end
  end
  if later then redis.call('LINSERT', mailbox, 'BEFORE', later, raw) else redis.call('RPUSH', mailbox, raw) end
end

local function takeIn()
  rename(plainUser, user, leadsUser(plainUser))
  rename(plainPhone, phone, leads(plainPhone))
  rename(plainFormerUser, formerUser, leadsUser(plainFormerUser))
  rename(plainFormerPhone, formerPhone, leads(plainFormerPhone))
  local person, doubles = recognise()
  if not redis.call('SET', seen, 'waiting', 'NX', 'EX', seconds) then return 0, person, 0 end
  for _, double in ipairs(doubles) do
    if whole(double) ~= person then person = join(person, double) end
  end
  if user ~= '' or phone ~= '' then remember(person) end
  local place = lane .. ':' .. person
  append(tag .. ':mailbox:' .. place, tag .. ':head:' .. place)
  return 1, person, redis.call('SADD', tag .. ':pending:' .. lane, person)
end

local answers = {}
for first = 1, #ARGV, SIZE do
  lane, seen, seconds, raw, assumed, user, phone, userId, number, name, time, opened, formerUser, formerPhone, message,
    ad, numberHash, plainUser, plainPhone, plainFormerUser, plainFormerPhone = unpack(ARGV, first, first + SIZE - 1)
  local fresh, person, isFirst = takeIn()
  answers[#answers + 1], answers[#answers + 2], answers[#answers + 3] = fresh, person, isFirst
end
return answers
