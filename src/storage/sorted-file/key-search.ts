/** Searching sorted lists of keys: by their first bytes as numbers, which lie close together in memory, then by the rest. */

/** The first six bytes of a key as a number: of two keys the lower one never has the higher number. */
export function leadingNumber(key: string): number {
  let number = 0
  // What is missing counts as zero: charCodeAt gives NaN there, and NaN | 0 is 0.
  for (let i = 0; i < 6; i++) number = number * 256 + (key.charCodeAt(i) | 0)
  return number
}

/**
 * The last position whose key is at or below `key`; -1 when there is none.
 *
 * @param numbers The `leadingNumber` of each key.
 */
export function lastPositionAtOrBelow(keys: readonly string[], numbers: Float64Array, key: string): number {
  const wanted = leadingNumber(key)
  // Between the last number below and the last one at the wanted number are the keys that begin alike: mostly one or
  // none, or, under a hot partition key, all.
  const below = lastPosition(numbers.length, -1, (position) => numbers[position]! < wanted)
  const at = lastPosition(numbers.length, below, (position) => numbers[position]! <= wanted)
  return at === below ? at : lastPosition(at + 1, below, (position) => keys[position]! <= key)
}

/** The last position of which something is true that is true of all before it, from `low`, of which it is, up to `end`. */
function lastPosition(end: number, low: number, isTrue: (position: number) => boolean): number {
  let last = low
  let high = end - 1
  while (last < high) {
    const middle = (last + high + 1) >> 1
    if (isTrue(middle)) last = middle
    else high = middle - 1
  }
  return last
}
