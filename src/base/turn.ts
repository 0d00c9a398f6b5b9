/** Lets timers, sockets and signals have their turn between the parts of something long. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
