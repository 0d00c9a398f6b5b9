/** Commits of one write each, packed as a bulk load has them, or lent as lone writers do. */
import type { BytesInView } from '../../src/base/bytes.js'
import { hashKey } from '../../src/base/key-hash.js'
import { PackedCommits } from '../../src/storage/log/packed-commits.js'

export function packed(
  tree: number,
  entries: readonly (readonly [key: string, value: Uint8Array | undefined])[],
  origin = 0,
): PackedCommits {
  const commits = new PackedCommits(tree)
  for (const [key, value] of entries) {
    commits.add(hashKey(key), value && inView(value), origin)
  }
  return commits
}

export function inView({ buffer, byteOffset, byteLength }: Uint8Array): BytesInView {
  return { view: new DataView(buffer), start: byteOffset, end: byteOffset + byteLength }
}
