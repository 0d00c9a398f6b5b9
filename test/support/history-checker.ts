/**
 * Whether a history of transactions could have happened one after the other, each between its beginning and its end
 * (strict serializability). Every key holds a list, and transactions append their own number to lists; so a read tells
 * which transactions came before, in their order, and from all reads follows who came before whom:
 *
 *   - ww: of two neighbours in a list the first one came first,
 *   - wr: whoever wrote the last number that a read shows came before the reader,
 *   - rw: whoever appended the next number came after the reader,
 *   - time: what had ended before another one began came first.
 *
 * A cycle of these can't be explained by any order. Reading a range is reading each key that could be in it, so something
 * that appears in a range is found by the same edges.
 */

export interface HistoryTransaction {
  readonly id: number
  /** `unknown` when it was under way at a crash: it may have happened, or not. */
  readonly outcome: 'committed' | 'refused' | 'unknown'
  /** What it saw, without what it appended itself. */
  readonly reads: readonly (readonly [key: string, list: readonly number[]])[]
  readonly appends: readonly string[]
  readonly beganAt: number
  readonly endedAt: number
}

/**
 * @param final What every key holds in the end.
 * @returns What can't be explained, or undefined.
 */
export function findAnomaly(
  history: readonly HistoryTransaction[],
  final: ReadonlyMap<string, readonly number[]>,
): string | undefined {
  const byId = new Map(history.map((transaction) => [transaction.id, transaction]))
  const listOf = (key: string) => final.get(key) ?? []
  for (const [key, list] of final) {
    if (new Set(list).size !== list.length) return `duplicate: a number is twice in ${key}`
    for (const id of list) {
      const writer = byId.get(id)
      if (writer === undefined || !writer.appends.includes(key)) return `made up: ${id} never wrote to ${key}`
      if (writer.outcome === 'refused') return `aborted write: ${id} was refused, and is in ${key}`
    }
  }
  const happened: HistoryTransaction[] = []
  for (const transaction of history) {
    const { id, outcome, appends } = transaction
    const there = appends.filter((key) => listOf(key).includes(id))
    if (there.length > 0 && there.length < appends.length) return `torn: a part of ${id} is there`
    if (outcome === 'committed' && there.length < appends.length) return `lost: ${id} was acknowledged`
    if (outcome === 'committed' || there.length > 0) happened.push(transaction)
    if (outcome === 'refused') continue
    for (const [key, list] of transaction.reads) {
      const isPrefix = list.every((number, i) => listOf(key)[i] === number)
      if (!isPrefix) return `aborted or reordered read: ${id} saw ${list} in ${key}, which has ${listOf(key)}`
    }
  }
  return findCycle(happened, edgesOf(happened, listOf))
}

type Edges = ReadonlyMap<number, ReadonlyMap<number, string>>

function edgesOf(happened: readonly HistoryTransaction[], listOf: (key: string) => readonly number[]): Edges {
  const edges = new Map<number, Map<number, string>>(happened.map(({ id }) => [id, new Map()]))
  const add = (from: number | undefined, to: number | undefined, why: string) => {
    if (from === undefined || to === undefined || from === to) return
    edges.get(from)?.set(to, why)
  }
  const keys = new Set(happened.flatMap(({ appends }) => appends))
  for (const key of keys) {
    const list = listOf(key)
    for (let i = 1; i < list.length; i++) add(list[i - 1], list[i], `ww ${key}`)
  }
  for (const { id, reads } of happened) {
    for (const [key, list] of reads) {
      add(list.at(-1), id, `wr ${key}`)
      add(id, listOf(key)[list.length], `rw ${key}`)
    }
  }
  for (const first of happened) {
    for (const second of happened) if (first.endedAt < second.beganAt) add(first.id, second.id, 'time')
  }
  return edges
}

/** Takes away whoever has nobody before him, again and again: what stays is in a cycle, or behind one. */
function findCycle(happened: readonly HistoryTransaction[], edges: Edges): string | undefined {
  const before = new Map(happened.map(({ id }) => [id, 0]))
  for (const targets of edges.values()) for (const to of targets.keys()) before.set(to, (before.get(to) ?? 0) + 1)
  const free = [...before].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    before.delete(id)
    for (const to of edges.get(id)?.keys() ?? []) {
      before.set(to, before.get(to)! - 1)
      if (before.get(to) === 0) free.push(to)
    }
  }
  if (before.size === 0) return undefined
  // Everyone who is left has somebody before him who is left: going back comes round.
  const left = [...before.keys()]
  const previous = (id: number) => left.find((other) => edges.get(other)?.has(id) === true)!
  const path: number[] = []
  for (let id = left[0]!; !path.includes(id); id = previous(id)) path.unshift(id)
  const start = previous(path[0]!)
  const cycle = path.slice(0, path.indexOf(start) + 1)
  const steps = cycle.map((id, i) => {
    const next = cycle[(i + 1) % cycle.length]!
    return `${id} -${edges.get(id)?.get(next)}-> `
  })
  return `cycle: ${steps.join('')}${cycle[0]}`
}
