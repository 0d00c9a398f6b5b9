/** The older form of projections: the names of attributes. */
import { CompiledProjection } from '../../model/expression/projection.js'
import type { Item } from '../../model/item/item.js'
import { validationError } from '../aws-error.js'
import { duplicateAttribute } from '../wording.js'

/** @throws {AwsError} ValidationException when a name is there twice. */
export function projectionFromNames(names: readonly string[] | undefined): CompiledProjection | undefined {
  if (names === undefined) return undefined
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw validationError(duplicateAttribute(name))
    seen.add(name)
  }
  // No item has attributes that are called so.
  const attributes = names.filter((name) => name !== '' && name !== '__proto__')
  const project = (item: Item) => {
    const shown: Item = {}
    for (const name of attributes) if (Object.hasOwn(item, name)) shown[name] = item[name]
    return shown
  }
  return new CompiledProjection({ attributes, isNested: false, project })
}
