/** A scan of a whole table by several workers: a parallel scan as DynamoDB has it, each worker with a segment of its own. */
import type { PageRequest, PageResponse, ReadRequest, ScanPage, ScanRequest } from '../../../src/backend.js'

type Read = (request: ReadRequest, page: PageRequest) => Promise<PageResponse>

interface Arrival {
  readonly segment: number
  readonly page: PageResponse
}

export async function* scanInSegments(
  { table, filter, select, workers, countOnly, signal }: ScanRequest,
  read: Read,
): AsyncGenerator<ScanPage, void, undefined> {
  const next = async (segment: number, cursor: string | undefined): Promise<Arrival> => {
    const part = { table, index: undefined, where: undefined, filter, select, reverse: false }
    const bounds = { limit: undefined, cursor, countOnly, holds: false, endsAtLimit: true }
    return { segment, page: await read({ ...part, segment, totalSegments: workers }, bounds) }
  }
  signal?.throwIfAborted()
  const pending = new Map<number, Promise<Arrival>>()
  const ask = (segment: number, cursor: string | undefined) => {
    const arrival = next(segment, cursor)
    // Whoever stops early waits for none of them.
    arrival.catch(() => {})
    pending.set(segment, arrival)
  }
  for (let segment = 0; segment < workers; segment++) ask(segment, undefined)
  while (pending.size > 0) {
    const { segment, page } = await Promise.race(pending.values())
    signal?.throwIfAborted()
    pending.delete(segment)
    if (page.cursor !== undefined) ask(segment, page.cursor)
    yield { items: page.items, count: page.count, scanned: page.scanned }
  }
}
