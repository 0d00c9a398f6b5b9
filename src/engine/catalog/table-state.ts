/** A table as the engine knows it: its definition, the trees it is kept in and what its keys turned out to be. */
import type { KeySchema } from '../../model/key/key-schema.js'

export interface IndexState {
  readonly name: string
  readonly tree: number
  /** Changes once: when the first entry fixes the types of its attributes. */
  key: KeySchema
  /** Not all items that were there when it was added are in it yet. */
  isBuilding: boolean
  /** Resolves when it is complete. */
  built: Promise<void>
}

export interface TableState {
  readonly name: string
  readonly tree: number
  readonly createdAt: number
  /** Changes once: when the first item fixes the types of its attributes. */
  key: KeySchema
  ttl: string | undefined
  readonly indexes: IndexState[]
}

export function keyNames({ partition, sort }: KeySchema): readonly string[] {
  return sort === undefined ? [partition.name] : [partition.name, sort.name]
}

export function keyTypes({ partition, sort }: KeySchema): readonly (string | undefined)[] {
  return sort === undefined ? [partition.type] : [partition.type, sort.type]
}
