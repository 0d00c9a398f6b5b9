/**
 * Cuts the keys of a tree into ranges of about as many bytes each, so that several can read it at once. A rule: any cuts
 * would do, these make the parts even. Bytes that are overwritten count again, as reading them takes time, too.
 */
import type { KeyBounds } from '../tree/cursor.js'
import { type Partition, rawByteLengthOf } from './partition.js'

/** At most `count` ranges, which tile the space of keys. Few and large partitions are cut in themselves. */
export function evenRanges(partitions: readonly Partition[], count: number): KeyBounds[] {
  const lengths = partitions.map(({ record }) => rawByteLengthOf(record))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const cuts = new Set<string>()
  let before = 0
  for (const [position, partition] of partitions.entries()) {
    const length = lengths[position]!
    for (let part = 1; part < count; part++) {
      const share = ((total * part) / count - before) / length
      if (share >= 0 && share < 1) cuts.add(keyWithin(partition, share))
    }
    before += length
  }
  const lowers = ['', ...[...cuts].filter((key) => key !== '').sort(byBytes)]
  return lowers.map((lower, position) => ({ lower, upper: lowers[position + 1] }))
}

/** The key below which about this share of a partition lies: its largest file stands for all of them. */
function keyWithin({ record, files }: Partition, share: number): string {
  const largest = files.toSorted((a, b) => b.record.rawByteLength - a.record.rawByteLength)[0]!
  const block = Math.floor(share * largest.blockCount)
  return block === 0 ? record.lower : largest.firstKeyOf(block)
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : 1)
