-- Remembers what a person asked for, unless they asked for something else later.
-- KEYS[1] tag   ARGV person, scope, state, at (ISO 8601), evidence, source
-- Returns 1 when it counts, 0 when something later is known.
local tag = KEYS[1]
local person, scope, state, at, evidence, source = unpack(ARGV)

-- Who turned out to be somebody known already asked as them.
local other = redis.call('HGET', tag .. ':person:' .. person, 'sameAs')
while other do
  person = other
  other = redis.call('HGET', tag .. ':person:' .. person, 'sameAs')
end

local key = tag .. ':consent:' .. scope .. ':' .. person
local last = redis.call('HGET', key, 'at')
if last and at < last then return 0 end
redis.call('HSET', key, 'state', state, 'at', at, 'evidence', evidence, 'source', source)
return 1
