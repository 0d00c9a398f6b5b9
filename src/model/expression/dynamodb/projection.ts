/** Projections as functions of an item, made once for each text. */
import type { Item } from '../../item/item.js'
import { type DocumentPath, readPath } from './document-path.js'
import type { ParsedProjection } from './expression.js'
import { fragmentOf } from './fragment.js'
import { PathTree } from './path-tree.js'
import type { Requirements, Scope } from './scope.js'

export interface DocumentProjection extends Requirements {
  /** The top-level attributes that are read. */
  readonly attributes: readonly string[]
  /** Whether there is a path into an attribute. */
  readonly isNested: boolean
  /** What it keeps of an item; values are shared with the item, not copied. */
  readonly project: (item: Item) => Item
}

/** @throws {ValidationException} `EXPRESSION_…` */
export function compileProjection({ paths: nodes }: ParsedProjection, scope: Scope): DocumentProjection {
  const paths = nodes.map((node) => scope.path(node))
  const tree = new PathTree()
  for (const path of paths) tree.add(path)
  if (tree.overlap !== undefined) scope.report('overlap', tree.overlap)
  if (tree.conflict !== undefined) scope.report('conflict', tree.conflict)
  return {
    ...scope.requirements(),
    attributes: [...scope.attributes],
    isNested: paths.some((path) => path.length > 1),
    project: (item) => projected(item, paths),
  }
}

function projected(item: Item, paths: readonly DocumentPath[]): Item {
  return fragmentOf(paths.map((path) => [path, readPath(item, path)] as const))
}
