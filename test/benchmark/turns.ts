/**
 * Whose turn it is. What is compared is measured by turns, a slice of one store, then a slice of the next: however loud the
 * machine is, it is for all of them. A store whose turn it is not does nothing.
 */

/** What is said between those who measure and the one who tells whose turn it is. */
export const GO_ON = 'go on'
export const PASSED_ON = 'passed on'

/** Gives the turn to the next, and resolves when it comes back. */
export type PassOn = () => Promise<void>

/** One of those who take turns. */
export interface Player {
  /** Lets it go on until it passes the turn on, or is done. */
  readonly turn: () => Promise<typeof PASSED_ON | 'done'>
}

/** Lets them go on by turns, in their order, until all are done. */
export async function takeTurns(players: readonly Player[]): Promise<void> {
  let left = players
  while (left.length > 0) {
    const still: Player[] = []
    for (const player of left) if ((await player.turn()) === PASSED_ON) still.push(player)
    left = still
  }
}
