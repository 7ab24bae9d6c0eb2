-- Adds entries to a channel's trace, in order; the oldest fall off.
-- KEYS[1] tag   ARGV most entries, then each entry
for index = 2, #ARGV do
  redis.call('XADD', KEYS[1] .. ':trace', 'MAXLEN', '~', ARGV[1], '*', 'entry', ARGV[index])
end
