/**
 * The tables there are, kept in a tree of their own: creating one is a commit like any other, before the commits of its
 * items in the log. An entry is the table's name and its definition as JSON; one more entry holds the next free tree;
 * there is one for each shape of items that has a number, with its names, and one for each tree of a table or an index that
 * was dropped and is not empty yet.
 */
import type { TableChange, TableSettings } from '../../backend.js'
import { CorruptionError, ResourceNotFoundException, ValidationException } from '../../errors.js'
import { indexDifference } from '../../model/index/index-definition.js'
import { indexAttributes, indexKeySchema, indexTypesDeclared } from '../../model/index/index-key.js'
import { checkIndexCounts } from '../../model/index/index-rule.js'
import { ShapeDictionary } from '../../model/item/shape-dictionary.js'
import type { KeyAttribute, KeySchema, KeyType } from '../../model/key/key-schema.js'
import type { AttributeTypes, TableDefinition } from '../../model/table/table-definition.js'
import type { Write } from '../../storage/tree/write.js'
import type { ReadableTrees } from '../../storage/view.js'
import { type IndexRecord, indexFromRecord, indexRecord, type KeyRecord, newIndexState } from './index-record.js'
import {
  type IndexFailure,
  type IndexState,
  type IndexStatus,
  keyNames,
  keyTypes,
  type TableState,
} from './table-state.js'

export const CATALOG_TREE = 0
const NEXT_TREE_KEY = 'next-tree'
const TABLE_PREFIX = 'table:'
const SHAPE_PREFIX = 'shape:'
const DROPPED_PREFIX = 'dropped:'

interface TableRecord {
  readonly name: string
  readonly tree: number
  readonly createdAt: number
  readonly key: KeyRecord
  /** Left out when none are declared. */
  readonly attributeTypes?: readonly (readonly [name: string, type: KeyType])[]
  readonly ttl: string | null
  /** Left out when it is. */
  readonly isPortable?: false
  /** Left out when there are none. */
  readonly settings?: TableSettings
  readonly indexes: readonly IndexRecord[]
}

export class Catalog {
  readonly #tables = new Map<string, TableState>()
  /** Trees of tables and indexes that are no more, as long as there may be entries in them. */
  readonly #dropped = new Set<number>()
  #nextTree = CATALOG_TREE + 1
  readonly shapes: ShapeDictionary

  constructor(shapes: ShapeDictionary = new ShapeDictionary()) {
    this.shapes = shapes
  }

  /** Reads what the storage holds. */
  static load(storage: ReadableTrees): Catalog {
    const catalog = new Catalog()
    const cursor = storage.range(CATALOG_TREE, { lower: '', upper: undefined })
    while (cursor.next()) catalog.take(cursor.key(), cursor.value())
    return catalog
  }

  /** Takes over an entry, as it was stored. */
  take(key: string, bytes: Uint8Array): void {
    const content = parse(bytes, key)
    if (key === NEXT_TREE_KEY) this.#nextTree = content as number
    else if (key.startsWith(SHAPE_PREFIX)) this.shapes.restore(shapeNumber(key), content)
    else if (key.startsWith(TABLE_PREFIX)) {
      const table = tableFromRecord(content as TableRecord)
      this.#tables.set(table.name, table)
    } else if (key.startsWith(DROPPED_PREFIX)) this.#dropped.add(Number(key.slice(DROPPED_PREFIX.length)))
  }

  /** Takes note that there is an entry no more. */
  forget(key: string): void {
    if (key.startsWith(TABLE_PREFIX)) this.#tables.delete(key.slice(TABLE_PREFIX.length))
    else if (key.startsWith(DROPPED_PREFIX)) this.#dropped.delete(Number(key.slice(DROPPED_PREFIX.length)))
  }

  /** The tables there are now, to be read from then on, whatever is created or dropped, or gets a time to live. */
  moment(): Catalog {
    const moment = new Catalog(this.shapes)
    for (const [name, table] of this.#tables) moment.#tables.set(name, { ...table })
    return moment
  }

  /** The trees of dropped tables and indexes that have to be emptied. */
  get dropped(): readonly number[] {
    return [...this.#dropped]
  }

  tables(): TableState[] {
    return [...this.#tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  find(name: string): TableState | undefined {
    return this.#tables.get(name)
  }

  /** @throws {ResourceNotFoundException} When there is no table of that name. */
  get(name: string): TableState {
    const table = this.#tables.get(name)
    if (table === undefined) throw new ResourceNotFoundException(name, [...this.#tables.keys()].sort())
    return table
  }

  /**
   * Creates a table, or brings the one of that name up to its definition: indexes are added, never dropped, and a time
   * to live is set where there is none. Returns what has to be committed, and the indexes to be built.
   *
   * @throws {ValidationException} When the table that is there has another key or time to live, or an index another key.
   */
  define(
    definition: TableDefinition,
    now: number,
  ): { readonly writes: readonly Write[]; readonly added: readonly IndexState[] } {
    const { name } = definition
    const known = this.#tables.get(name)
    if (this.isDefined(definition)) return NOTHING_DEFINED
    const table = known ?? {
      name,
      tree: this.#nextTree++,
      createdAt: now,
      key: keySchema(definition.key),
      attributeTypes: NO_TYPES,
      ttl: undefined,
      isPortable: true,
      indexes: [],
      settings: NO_SETTINGS,
      isDropped: false,
      indexed: undefined,
    }
    declareTypes(table, definition.attributeTypes ?? NO_TYPES)
    const added = this.#addIndexes(table, definition, known === undefined ? 'ACTIVE' : 'BUILDING')
    const { ttl = table.ttl, isPortable = table.isPortable } = definition
    table.ttl = ttl
    table.isPortable = isPortable
    this.#tables.set(name, table)
    return { writes: [this.record(table), this.#nextTreeWrite()], added: known === undefined ? [] : added }
  }

  /**
   * Whether there is a table that is all that the definition says: nothing has to be committed for it.
   *
   * @throws {ValidationException} When the table that is there can't become it.
   */
  isDefined(definition: TableDefinition): boolean {
    const known = this.#tables.get(definition.name)
    if (known === undefined) return false
    const { indexes, attributeTypes = NO_TYPES, ttl = known.ttl, isPortable = known.isPortable } = definition
    checkSameKeys(known, definition)
    checkSameTtl(known, ttl)
    checkIndexCounts(Object.values({ ...indexesOf(known), ...indexes }))
    checkTypes(known, attributeTypes)
    const hasIndexes = Object.keys(indexes).every((name) => known.indexes.some((other) => other.name === name))
    const hasTypes = [...attributeTypes.keys()].every((name) => known.attributeTypes.has(name))
    return hasIndexes && hasTypes && ttl === known.ttl && isPortable === known.isPortable
  }

  #addIndexes(table: TableState, { indexes }: TableDefinition, status: IndexStatus): IndexState[] {
    const added: IndexState[] = []
    for (const [name, definition] of Object.entries(indexes)) {
      if (table.indexes.some((other) => other.name === name)) continue
      const key = indexKeySchema(definition, table.attributeTypes)
      const fresh = newIndexState({ name, tree: this.#nextTree++, definition, key, status })
      table.indexes.push(fresh)
      added.push(fresh)
      table.indexed = undefined
    }
    return added
  }

  /**
   * Creates a table that is not there. Returns what has to be committed.
   *
   * @throws {ValidationException} When there is one of that name.
   */
  create(definition: TableDefinition, settings: TableSettings, now: number): Write[] {
    if (this.#tables.has(definition.name)) {
      const message = `Cannot define the table "${definition.name}": there is one of that name`
      throw new ValidationException('TABLE_DEFINITION', message)
    }
    this.define(definition, now)
    const table = this.get(definition.name)
    table.settings = settings
    return [this.#nextTreeWrite(), this.record(table)]
  }

  /**
   * Changes a table. Returns what has to be committed, the indexes to be built, and the one to be emptied.
   *
   * @throws {ValidationException} When it can't be changed so; nothing was.
   */
  change(
    table: TableState,
    { definition, droppedIndex, ttl, settings }: TableChange,
    now: number,
  ): { readonly writes: Write[]; readonly added: readonly IndexState[]; readonly dropped: IndexState | undefined } {
    if (droppedIndex !== undefined) findIndex(table, droppedIndex)
    const { added } = definition === undefined ? NOTHING_DEFINED : this.define(definition, now)
    const dropped = droppedIndex === undefined ? undefined : this.dropIndex(table, droppedIndex)
    if (ttl !== undefined) table.ttl = ttl.attribute
    if (settings !== undefined) table.settings = settings
    const writes = [this.record(table), ...(dropped === undefined ? [] : [this.#drop(dropped.index.tree)])]
    if (added.length > 0) writes.push(this.#nextTreeWrite())
    return { writes, added, dropped: dropped?.index }
  }

  /** Forgets a table. Returns what has to be committed; from then on its trees are to be emptied. */
  dropTable(table: TableState): { readonly writes: Write[]; readonly trees: readonly number[] } {
    table.isDropped = true
    for (const index of table.indexes) index.isDropped = true
    this.#tables.delete(table.name)
    // That of an index that failed is being emptied already.
    const indexes = table.indexes.filter(({ status }) => status !== 'FAILED')
    const trees = [table.tree, ...indexes.map(({ tree }) => tree)]
    const removed: Write = { tree: CATALOG_TREE, key: TABLE_PREFIX + table.name, value: undefined }
    return { writes: [removed, ...trees.map((tree) => this.#drop(tree))], trees }
  }

  /**
   * Takes an index from its table. Returns what has to be committed; from then on its tree is one to be emptied.
   *
   * @throws {ValidationException} INDEX_UNKNOWN
   */
  dropIndex(table: TableState, name: string): { readonly writes: Write[]; readonly index: IndexState } {
    const index = findIndex(table, name)
    index.isDropped = true
    table.indexes.splice(table.indexes.indexOf(index), 1)
    table.indexed = undefined
    forgetTypes(table)
    return { writes: [this.record(table), this.#drop(index.tree)], index }
  }

  /** Gives up an index that can't be what it is to be: its entries go, and it is begun again with `restartIndex`. */
  failIndex(table: TableState, index: IndexState, failure: IndexFailure): Write[] {
    index.status = 'FAILED'
    index.failure = failure
    table.indexed = undefined
    return [this.record(table), this.#drop(index.tree)]
  }

  /** An index that failed, to be built from the beginning. What it learned of types was of items that may be gone. */
  restartIndex(table: TableState, index: IndexState): Write[] {
    index.status = 'BUILDING'
    index.failure = undefined
    table.indexed = undefined
    index.key = indexKeySchema(index.definition, table.attributeTypes)
    index.tree = this.#nextTree++
    return [this.record(table), this.#nextTreeWrite()]
  }

  /** What is committed to drop a table or an index of it, with these settings, has at most so many bytes. */
  dropByteLength(table: TableState, settings: TableSettings = NO_SETTINGS): number {
    const notes = NOTE_BYTE_LENGTH * (1 + table.indexes.length)
    return this.record(table).value!.length + serialise(settings).length + notes
  }

  /** The write that forgets a tree that was dropped and is empty now. */
  forgetDropped(tree: number): Write {
    this.#dropped.delete(tree)
    return { tree: CATALOG_TREE, key: DROPPED_PREFIX + tree, value: undefined }
  }

  #drop(tree: number): Write {
    this.#dropped.add(tree)
    return { tree: CATALOG_TREE, key: DROPPED_PREFIX + tree, value: serialise({}) }
  }

  #nextTreeWrite(): Write {
    return { tree: CATALOG_TREE, key: NEXT_TREE_KEY, value: serialise(this.#nextTree) }
  }

  /** The write that keeps a table's present state. */
  record(table: TableState): Write {
    const record: TableRecord = {
      name: table.name,
      tree: table.tree,
      createdAt: table.createdAt,
      key: keyRecord(table.key),
      ...(table.attributeTypes.size > 0 && { attributeTypes: [...table.attributeTypes] }),
      ttl: table.ttl ?? null,
      ...(!table.isPortable && { isPortable: false }),
      ...(table.settings !== NO_SETTINGS && { settings: table.settings }),
      indexes: table.indexes.map(indexRecord),
    }
    return { tree: CATALOG_TREE, key: TABLE_PREFIX + table.name, value: serialise(record) }
  }

  /** The writes that keep the numbers of shapes which are not known to be kept. */
  newShapes(): Write[] {
    return this.shapes.unkept.map(({ number, names }) => ({
      tree: CATALOG_TREE,
      key: SHAPE_PREFIX + number,
      value: serialise(names),
    }))
  }

  /** Takes note that an entry of the catalog was committed. */
  published(key: string): void {
    if (key.startsWith(SHAPE_PREFIX)) this.shapes.kept(shapeNumber(key))
  }
}

/** The table that an entry of the catalog is of; undefined when it is of something else. */
export function tableNameOf(key: string): string | undefined {
  return key.startsWith(TABLE_PREFIX) ? key.slice(TABLE_PREFIX.length) : undefined
}

function shapeNumber(key: string): number {
  return Number(key.slice(SHAPE_PREFIX.length))
}

/** @throws {ValidationException} When a table has another key than its definition, or one of its indexes is another. */
export function checkSameKeys(known: TableState, { name, key, indexes }: TableDefinition): void {
  checkSameKey(`Table "${name}"`, known.key, key)
  for (const index of known.indexes) {
    const wanted = indexes[index.name]
    const difference = wanted && indexDifference(index.definition, wanted)
    if (difference === undefined) continue
    throw new ValidationException(
      'TABLE_DEFINITION',
      `Index "${index.name}" of table "${name}" ${difference}: an index can't be changed; use another name, or drop it ` +
        `with db.dropIndex('${name}', '${index.name}') first`,
    )
  }
}

function checkSameKey(what: string, known: KeySchema, wanted: readonly string[]): void {
  const names = keyNames(known)
  if (names.join('\0') === wanted.join('\0')) return
  throw new ValidationException(
    'TABLE_DEFINITION',
    `${what} has the key [${names.join(', ')}], not [${wanted.join(', ')}]: a key can't be changed; use another name`,
  )
}

/**
 * Of two programs with different definitions the later one would bring items back to sight that are gone for the other.
 *
 * @throws {ValidationException} When a table that has a time to live is to have another.
 */
function checkSameTtl({ name, ttl: known }: TableState, wanted: string | undefined): void {
  if (known === undefined || known === wanted) return
  throw new ValidationException(
    'TABLE_DEFINITION',
    `Table "${name}" has the time to live "${known}", not "${wanted}": items that are gone would come back; to change it, ` +
      'switch it off first with UpdateTimeToLive, through db.awsPlugin() or "dynafile serve"',
  )
}

/** @throws {ValidationException} INDEX_UNKNOWN */
export function findIndex(table: TableState, name: string): IndexState {
  const index = table.indexes.find((other) => other.name === name)
  if (index !== undefined) return index
  const known = table.indexes.map((other) => other.name)
  const hint = known.length === 0 ? 'it has none' : `it has: ${known.join(', ')}`
  throw new ValidationException('INDEX_UNKNOWN', `Cannot find the index "${name}" of table "${table.name}": ${hint}`)
}

function indexesOf({ indexes }: TableState): TableDefinition['indexes'] {
  return Object.fromEntries(indexes.map(({ name, definition }) => [name, definition]))
}

const NO_SETTINGS: TableSettings = Object.freeze({})
const NOTHING_DEFINED = { writes: [], added: [] } as const
/** More than that of a dropped tree has, with what belongs to it in the log. */
const NOTE_BYTE_LENGTH = 100
const NO_TYPES: AttributeTypes = new Map()

/**
 * Whether types that are to be declared are those that are known already.
 *
 * @throws {ValidationException} `TABLE_DEFINITION`
 */
function checkTypes(table: TableState, types: AttributeTypes): void {
  for (const { name, type } of typedAttributes(table)) {
    const wanted = types.get(name)
    if (wanted === undefined || wanted === (type ?? table.attributeTypes.get(name) ?? wanted)) continue
    throw new ValidationException(
      'TABLE_DEFINITION',
      `The attribute "${name}" of table "${table.name}" is of type ${type}, not ${wanted}: the type of a key can't be changed`,
    )
  }
}

/** Gives the keys of a table, and of its indexes, the types that are declared. */
function declareTypes(table: TableState, types: AttributeTypes): void {
  const fresh = [...types].filter(([name]) => !table.attributeTypes.has(name))
  if (fresh.length === 0) return
  const all = new Map([...table.attributeTypes, ...fresh])
  const declared = ({ name, type }: KeyAttribute) => ({ name, type: type ?? all.get(name) })
  const { partition, sort } = table.key
  table.key = { partition: declared(partition), sort: sort && declared(sort) }
  for (const index of table.indexes) index.key = indexTypesDeclared(index.key, all)
  table.attributeTypes = all
}

/** A type is declared for as long as a key has its attribute. */
function forgetTypes(table: TableState): void {
  if (table.attributeTypes.size === 0) return
  const used = new Set(typedAttributes(table).map(({ name }) => name))
  table.attributeTypes = new Map([...table.attributeTypes].filter(([name]) => used.has(name)))
}

/** The attributes of all keys that a table has: its own and those of its indexes. */
function typedAttributes({ key: { partition, sort }, indexes }: TableState): readonly KeyAttribute[] {
  return [partition, ...(sort === undefined ? [] : [sort]), ...indexes.flatMap(({ key }) => indexAttributes(key))]
}

function keySchema(names: readonly string[], types: readonly (string | null)[] = []): KeySchema {
  const attribute = (i: number) => ({ name: names[i]!, type: (types[i] ?? undefined) as KeyType | undefined })
  return { partition: attribute(0), sort: names.length > 1 ? attribute(1) : undefined }
}

function keyRecord(key: KeySchema): KeyRecord {
  return { names: keyNames(key), types: keyTypes(key).map((type) => type ?? null) }
}

function tableFromRecord(record: TableRecord): TableState {
  return {
    name: record.name,
    tree: record.tree,
    createdAt: record.createdAt,
    key: keySchema(record.key.names, record.key.types),
    attributeTypes: new Map(record.attributeTypes),
    ttl: record.ttl ?? undefined,
    isPortable: record.isPortable ?? true,
    indexes: record.indexes.map(indexFromRecord),
    settings: record.settings ?? NO_SETTINGS,
    isDropped: false,
    indexed: undefined,
  }
}

function serialise(content: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(content))
}

function parse(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new CorruptionError('catalog', 0, `the entry "${key}" can not be read`, { cause })
  }
}
