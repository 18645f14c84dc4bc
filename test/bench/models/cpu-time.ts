/** CPU seconds of this process, all its threads, since `process.cpuUsage()` was asked. */
export function cpuSecondsSince(begun: NodeJS.CpuUsage): number {
  const {user, system} = process.cpuUsage(begun);
  return (user + system) / 1e6;
}
