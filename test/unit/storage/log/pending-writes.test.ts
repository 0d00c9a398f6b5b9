/** What is pending by key must be what a plain list of writes says, whatever was added, asked and removed before. */
import { expect, test } from 'vitest'
import { hashKey } from '../../../../src/base/key-hash.js'
import { PendingWrites } from '../../../../src/storage/log/pending-writes.js'
import type { Write } from '../../../../src/storage/tree/write.js'
import { SeededRandom } from '../../../support/random.js'

test('finds the newest write to a key, however many there are', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed)
    const pending = new PendingWrites()
    const commits: Write[][] = []
    const largest = random.pick([2, 20, 400])
    for (let step = 0; step < 200; step++) {
      const choice = random.next()
      if (choice < 0.45) {
        const writes = Array.from({ length: random.between(1, largest) }, () => randomWrite(random))
        commits.push(writes)
        pending.add(writes)
      } else if (choice < 0.8 && commits.length > 0) pending.remove(commits.shift()!.length)
      else if (choice < 0.81) {
        commits.length = 0
        pending.clear()
      }
      if (random.chance(0.5)) {
        const { tree, key } = randomWrite(random)
        const expected = commits.flat().findLast((write) => write.tree === tree && write.key === key)
        expect(pending.find(tree, hashKey(key)), `seed ${seed}, step ${step}`).toBe(expected)
      }
    }
  }
})

function randomWrite(random: SeededRandom): Write {
  return { tree: random.between(1, 2), key: `k${random.below(30)}`, value: undefined }
}
