-- Whose turn is it to call a helpdesk? A bucket that is told as a time (`full`: when it would be full again), and a line of
-- those who wait, each with a turn of its own. Times are whole microseconds on a clock that stands still while the helpdesk
-- has asked for a pause, and that goes back by one turn for every call made out of turn: the whole line moves at once.
-- KEYS[1] pace, KEYS[2] line
-- ARGV now (milliseconds), who, `begin` or `inside` (a call of something begun: never waits in line),
-- calls and window in milliseconds of the settings' limit (0: none)
-- Returns milliseconds to wait; 0: the call may be made now, and is counted.
local MINUTE = 60000000
local now, who, begins = tonumber(ARGV[1]) * 1000, ARGV[2], ARGV[3] == 'begin'
local calls, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[1], 'granted', 'full', 'shift', 'until', 'calls', 'window')
for index = 1, 6 do held[index] = tonumber(held[index] or '0') end
local granted, full, shift, ends = held[1], held[2], held[3], held[4]
-- Workers' clocks may differ. What lies further away than can be is a broken clock's, and must not hold everybody up.
if ends > now + 90 * MINUTE then ends = 0 end
-- The stricter of what the settings say and what the helpdesk has told.
if held[5] > 0 and (calls == 0 or held[5] / held[6] < calls / window) then calls, window = held[5], held[6] end

local v = math.max(now, ends) - shift
local pause = math.max(now, ends) - now

if calls == 0 and (pause == 0 or not begins) then
  redis.call('ZREM', KEYS[2], who)
  return 0
end
-- Without a known limit only a pause makes anybody wait; they come back ten a second.
local interval, burst = 100000, 1
if calls > 0 then
  -- In no window, wherever it begins, more than the limit: a little is kept back, for the burst and for calls out of turn.
  local spare = math.max(1, math.floor(calls * 0.03))
  burst = math.ceil(spare / 2)
  interval = math.ceil(window * 1000 / math.max(1, calls - spare))
end
local waiting = redis.call('ZCARD', KEYS[2])
if full > v + (waiting + burst) * interval + MINUTE then full = v + waiting * interval end
if granted > v + burst * interval + MINUTE then granted = v end

-- Lua would write such numbers with 14 digits.
local function keep()
  local text = {}
  for index, time in ipairs({granted, full, shift}) do text[index] = string.format('%.0f', time) end
  redis.call('HSET', KEYS[1], 'granted', text[1], 'full', text[2], 'shift', text[3])
  redis.call('PEXPIRE', KEYS[1], 86400000)
  redis.call('PEXPIRE', KEYS[2], 86400000)
end

if not begins then
  granted, full = math.max(granted, v), math.max(full, v)
  local wait = math.max(0, granted + interval - burst * interval - v)
  shift = shift + interval
  keep()
  return math.ceil(wait / 1000)
end

-- Who has not come for its turn in ten minutes does not come any more.
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', v - 10 * MINUTE))
local turn = tonumber(redis.call('ZSCORE', KEYS[2], who) or '-1')
local isNew = turn < 0
if turn > v + (waiting + burst) * interval + MINUTE then turn = v end
if isNew then
  full = math.max(full, v) + interval
  turn = full - burst * interval
end
if turn <= v and pause == 0 then
  redis.call('ZREM', KEYS[2], who)
  granted = math.max(granted, v) + interval
  keep()
  return 0
end
if isNew then
  redis.call('ZADD', KEYS[2], string.format('%.0f', turn), who)
  keep()
end
return math.max(1, math.ceil((math.max(turn - v, 0) + pause) / 1000))
