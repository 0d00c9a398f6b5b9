/**
 * DynamoDB's operations on one table, as slowly and as plainly as they can be written: items in a list, sizes and capacity
 * counted from their JSON. It knows strings, whole numbers and nothing else, so that it is too simple to be wrong.
 *
 * The table has the key `pk` (a string) and `sk` (a number); the global index `byG` has the key `g`, `n` and projects
 * keys only; the local index `byL` has `pk`, `l` and projects `v`.
 */
export type Value = { readonly S: string } | { readonly N: string }
export type Attributes = Readonly<Record<string, Value>>

export interface ReferenceIndex {
  readonly name: string
  readonly key: readonly [partition: string, sort: string]
  readonly isLocal: boolean
  /** Undefined for all attributes. */
  readonly projected: readonly string[]
}

export const INDEXES: readonly ReferenceIndex[] = [
  { name: 'byG', key: ['g', 'n'], isLocal: false, projected: ['pk', 'sk', 'g', 'n'] },
  { name: 'byL', key: ['pk', 'l'], isLocal: true, projected: ['pk', 'sk', 'l', 'v'] },
]

export interface Page {
  readonly items: readonly Attributes[]
  readonly scanned: number
  readonly lastKey: Attributes | undefined
  readonly units: number
}

export class ReferenceService {
  items: Attributes[] = []

  find(key: Attributes): Attributes | undefined {
    return this.items.find((item) => isSame(item['pk'], key['pk']) && isSame(item['sk'], key['sk']))
  }

  /** Puts the item in the place of the one with its key, or removes that one. Returns what it has cost. */
  write(key: Attributes, after: Attributes | undefined): Units {
    const before = this.find(key)
    this.items = this.items.filter((item) => item !== before)
    if (after !== undefined) this.items.push(after)
    return writeUnits(before, after)
  }

  /** The items of a partition of the table or of an index, sorted, from behind a key on. */
  query(
    partition: Value,
    index: ReferenceIndex | undefined,
    {
      reverse,
      limit,
      startKey,
      passes,
    }: {
      readonly reverse: boolean
      readonly limit: number | undefined
      readonly startKey: Attributes | undefined
      readonly passes: (item: Attributes) => boolean
    },
  ): Page {
    const [hash, range] = index?.key ?? ['pk', 'sk']
    const order = index === undefined ? ['sk'] : [range, 'pk', 'sk']
    const compare = (a: Attributes, b: Attributes) => {
      for (const name of order) {
        const difference = compareValues(a[name]!, b[name]!)
        if (difference !== 0) return reverse ? -difference : difference
      }
      return 0
    }
    const all = this.items
      .filter((item) => isSame(item[hash], partition) && item[range] !== undefined)
      .map((item) => (index === undefined ? item : picked(item, index.projected)))
      .sort(compare)
    const rest = startKey === undefined ? all : all.filter((item) => compare(item, startKey) > 0)
    const looked = rest.slice(0, limit)
    const last = limit !== undefined && looked.length === limit ? looked.at(-1) : undefined
    const names = index === undefined ? ['pk', 'sk'] : ['pk', 'sk', ...index.key]
    const byteLength = looked.reduce((sum, item) => sum + sizeOf(item), 0)
    return {
      items: looked.filter(passes),
      scanned: looked.length,
      lastKey: last && picked(last, names),
      units: Math.max(1, Math.ceil(byteLength / 4096)) / 2,
    }
  }
}

export interface Units {
  readonly table: number
  readonly indexes: Readonly<Record<string, number>>
}

export function writeUnits(before: Attributes | undefined, after: Attributes | undefined): Units {
  const indexes: Record<string, number> = {}
  for (const index of INDEXES) {
    const [old, fresh] = [viewOf(before, index), viewOf(after, index)]
    const keyOf = (view: Attributes) => JSON.stringify(index.key.map((name) => view[name]))
    let units = 0
    if (old !== undefined && fresh !== undefined && keyOf(old) === keyOf(fresh)) {
      if (text(old) !== text(fresh)) units = kilobytes(Math.max(sizeOf(old), sizeOf(fresh)))
    } else
      units = (old === undefined ? 0 : kilobytes(sizeOf(old))) + (fresh === undefined ? 0 : kilobytes(sizeOf(fresh)))
    if (units > 0) indexes[index.name] = units
  }
  return { table: kilobytes(Math.max(before ? sizeOf(before) : 0, after ? sizeOf(after) : 0)), indexes }
}

function viewOf(item: Attributes | undefined, { key, projected }: ReferenceIndex): Attributes | undefined {
  return item !== undefined && key.every((name) => item[name] !== undefined) ? picked(item, projected) : undefined
}

function kilobytes(byteLength: number): number {
  return Math.max(1, Math.ceil(byteLength / 1024))
}

/** Names are ASCII; of a whole number the zeros at its end do not count. */
export function sizeOf(item: Attributes): number {
  return Object.entries(item).reduce((sum, [name, value]) => {
    if ('S' in value) return sum + name.length + new TextEncoder().encode(value.S).length
    const digits = value.N.replace('-', '').replace(/0+$/, '')
    return sum + name.length + 1 + Math.ceil(digits.length / 2) + (value.N.startsWith('-') ? 1 : 0)
  }, 0)
}

function picked(item: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]!]))
}

export function compareValues(a: Value, b: Value): number {
  if ('N' in a && 'N' in b) return Number(a.N) - Number(b.N)
  const [left, right] = [Buffer.from((a as { S: string }).S), Buffer.from((b as { S: string }).S)]
  return Buffer.compare(left, right)
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return text(a) === text(b)
}

/** The same for the same attributes, in whatever order they are. */
function text(value: object | undefined): string {
  return value === undefined ? '' : JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
