/**
 * Some places of an item, as an item of their own: maps have only what was asked for, and lists have the elements that
 * were asked for, in their order and without gaps.
 */
import type { Item } from '../../item/item.js'
import type { DocumentPath } from './document-path.js'

/** A path and what is there. */
export type FragmentEntry = readonly [path: DocumentPath, value: unknown]

type Branch = Map<string | number, Branch | { readonly value: unknown }>

/** Entries without a value leave nothing behind. Their paths do not overlap; the values are shared, not copied. */
export function fragmentOf(entries: Iterable<FragmentEntry>): Item {
  const root: Branch = new Map()
  for (const [path, value] of entries) {
    if (value === undefined) continue
    let branch = root
    for (const step of path.slice(0, -1)) {
      let next = branch.get(step) as Branch | undefined
      if (next === undefined) {
        next = new Map()
        branch.set(step, next)
      }
      branch = next
    }
    branch.set(path.at(-1)!, { value })
  }
  return contentOf(root) as Item
}

/** It calls itself no deeper than paths are. */
function contentOf(branch: Branch): unknown {
  const steps = [...branch.keys()]
  const values = (step: string | number) => {
    const next = branch.get(step)!
    return next instanceof Map ? contentOf(next) : next.value
  }
  if (typeof steps[0] === 'number') return (steps as number[]).sort((a, b) => a - b).map(values)
  // Names are defined, not assigned: `__proto__` stays a name like any other.
  return Object.fromEntries(steps.map((name) => [name, values(name)]))
}
