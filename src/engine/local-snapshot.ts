/**
 * A moment of the embedded database. Tables and indexes are those of now, items those of then; an index that was not
 * complete when the snapshot was taken can't be read through it, as it would not have every item.
 *
 * One that nobody can reach any more is released by the garbage collector's word.
 */
import type { BackendSnapshot, GetRequest, PageRequest, PageResponse, ReadRequest } from '../backend.js'
import { ResourceNotFoundException, ValidationException } from '../errors.js'
import type { Item } from '../model/item/item.js'
import type { StorageSnapshot } from '../storage/snapshot.js'
import type { EngineContext } from './context.js'
import { getItem } from './operation/get-item.js'
import { readPage } from './operation/read-page.js'

const forgotten = new FinalizationRegistry<StorageSnapshot>((snapshot) => snapshot.release())

export class LocalSnapshot implements BackendSnapshot {
  readonly #context: EngineContext
  readonly #trees: StorageSnapshot
  /** The trees of the tables there were, and of their indexes that were complete. */
  readonly #known: ReadonlySet<number>

  constructor(context: EngineContext) {
    this.#context = context
    this.#trees = context.storage.snapshot()
    const tables = context.catalog.tables()
    const indexes = tables.flatMap((table) => table.indexes.filter(({ isBuilding }) => !isBuilding))
    this.#known = new Set([...tables, ...indexes].map(({ tree }) => tree))
    forgotten.register(this, this.#trees, this)
  }

  checkTable(name: string): void {
    const { catalog } = this.#context
    const known = catalog.tables().filter(({ tree }) => this.#known.has(tree))
    const names = known.map((table) => table.name)
    if (!names.includes(name)) throw new ResourceNotFoundException(name, names)
  }

  async get(request: GetRequest): Promise<Item | undefined> {
    return getItem(this.#context, request, this.#trees)
  }

  async batchGet(requests: readonly GetRequest[]): Promise<(Item | undefined)[]> {
    return requests.map((request) => getItem(this.#context, request, this.#trees))
  }

  async read(request: ReadRequest, page: PageRequest): Promise<PageResponse> {
    const { index: name } = request
    const index = this.#context.catalog.get(request.table).indexes.find((other) => other.name === name)
    if (index !== undefined && !this.#known.has(index.tree)) {
      const reason = 'it was not complete when the snapshot was taken; take another one'
      throw new ValidationException('INDEX_UNKNOWN', `Cannot read the index "${name}" of "${request.table}": ${reason}`)
    }
    return readPage(this.#context, request, page, { trees: this.#trees })
  }

  release(): void {
    forgotten.unregister(this)
    this.#trees.release()
  }
}
