/** Where an unforeseen error came from: the frames only, since its message may quote personal data. */
export function framesOf(error: Error): string {
  const { stack = "", message } = error;
  // Lines of the message may look like frames.
  const frames = stack
    .replace(message, "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 8).join("\n");
}
