/** Commits of one write each, packed as a bulk load has them. */
import { hashKey } from '../../src/base/key-hash.js'
import { PackedCommits } from '../../src/storage/log/packed-commits.js'

export function packed(
  tree: number,
  entries: readonly (readonly [key: string, value: Uint8Array])[],
  origin = 0,
): PackedCommits {
  const commits = new PackedCommits(tree, origin)
  for (const [key, value] of entries) {
    const { buffer, byteOffset, byteLength } = value
    commits.add(hashKey(key), { view: new DataView(buffer), start: byteOffset, end: byteOffset + byteLength })
  }
  return commits
}
