/** Whether two requests with one token are the same request: a hash in which the order of members does not matter. */
import { createHash, type Hash } from 'node:crypto'

export function fingerprintOf(value: unknown): string {
  const hash = createHash('sha256')
  add(hash, value)
  return hash.digest('base64')
}

/** It calls itself no deeper than checked values are. */
function add(hash: Hash, value: unknown): void {
  if (value instanceof Uint8Array) {
    hash.update(`b${value.byteLength}:`)
    hash.update(value)
  } else if (Array.isArray(value)) {
    hash.update(`l${value.length}:`)
    for (const element of value) add(hash, element)
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Readonly<Record<string, unknown>>
    const names = Object.keys(members)
      .filter((name) => members[name] !== undefined)
      .sort()
    hash.update(`m${names.length}:`)
    for (const name of names) {
      add(hash, name)
      add(hash, members[name])
    }
  } else {
    const text = String(value)
    hash.update(`${typeof value}${text.length}:${text}`)
  }
}
