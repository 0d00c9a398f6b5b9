/** The label of a stream: when it was enabled, to the millisecond, in UTC. */

export function streamLabel(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, -1)
}
