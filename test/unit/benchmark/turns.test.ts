import { expect, test } from 'vitest'
import { type Player, takeTurns } from '../../benchmark/turns.js'

function player(name: string, turns: number, told: string[]): Player {
  let taken = 0
  return {
    turn: async () => {
      told.push(name)
      taken += 1
      return taken === turns ? 'done' : 'passed on'
    },
  }
}

test('turns go round, and who is done is left out', async () => {
  const told: string[] = []
  await takeTurns([player('A', 3, told), player('B', 1, told), player('C', 2, told)])
  expect(told.join('')).toBe('ABCACA')
})

test('nobody else goes on while it is the turn of one', async () => {
  const told: string[] = []
  const slow: Player = {
    turn: async () => {
      told.push('begins')
      await new Promise((resolve) => setTimeout(resolve, 5))
      told.push('ends')
      return 'done'
    },
  }
  await takeTurns([slow, player('B', 1, told)])
  expect(told).toEqual(['begins', 'ends', 'B'])
})

test('a failure ends it for all', async () => {
  const told: string[] = []
  const failing: Player = { turn: () => Promise.reject(new Error('it went out')) }
  await expect(takeTurns([player('A', 2, told), failing, player('C', 1, told)])).rejects.toThrow('it went out')
  expect(told).toEqual(['A'])
})
