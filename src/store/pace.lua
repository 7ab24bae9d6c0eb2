-- Takes one token of the number's bucket and one of the person's, or none of either. A bucket is the time at which it is
-- full again; whole microseconds, so that nothing is lost by rounding.
-- KEYS[1] number, KEYS[2] person   ARGV now (milliseconds), number's interval (microseconds), number's burst,
-- person's interval, person's burst
-- Returns nothing when both were taken; else { who has none, milliseconds to wait }.
local SECOND = 1000000
-- Workers' clocks may differ. A time further away than this is a broken clock's, and must not hold everybody up.
local DOUBT = 60 * SECOND
-- Those who wait for the number are told different times. Only a hint: a line longer than this begins anew.
local LONGEST_LINE = 60 * SECOND
local now = tonumber(ARGV[1]) * 1000

local function look(key, interval, burst)
  local full = tonumber(redis.call('HGET', key, 'full') or '0')
  if full < now or full > now + burst * interval + DOUBT then full = now end
  return full + interval, full + interval - burst * interval - now
end

-- Lua would write such numbers with 14 digits.
local function keep(key, field, time)
  redis.call('HSET', key, field, string.format('%.0f', time))
  redis.call('PEXPIRE', key, math.ceil((math.max(time - now, 0) + DOUBT) / 1000))
end

local numberInterval, personInterval = tonumber(ARGV[2]), tonumber(ARGV[4])
local personFull, personWait = look(KEYS[2], personInterval, tonumber(ARGV[5]))
if personWait > 0 then return {'person', math.ceil(personWait / 1000)} end

local numberFull, numberWait = look(KEYS[1], numberInterval, tonumber(ARGV[3]))
if numberWait > 0 then
  local turn = math.max(tonumber(redis.call('HGET', KEYS[1], 'line') or '0'), now + numberWait)
  if turn > now + LONGEST_LINE then turn = now + numberWait end
  keep(KEYS[1], 'line', turn + numberInterval)
  return {'number', math.ceil((turn - now) / 1000)}
end

keep(KEYS[1], 'full', numberFull)
keep(KEYS[2], 'full', personFull)
return {}
