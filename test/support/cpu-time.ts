/** Milliseconds of processor that `work` takes: unlike the time on the clock, it does not grow when others keep the machine busy. */
export function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
