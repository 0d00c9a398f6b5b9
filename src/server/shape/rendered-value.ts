/**
 * A value of a request as DynamoDB prints it where it refuses it: lists in brackets, maps in braces, structures by their
 * type and a number that says nothing. It ends somewhere: what is refused may be of 16 MiB.
 */
import type { Members } from '../performer.js'
import type { Shape } from './shape.js'

const MAX_LENGTH = 4096

const MODEL = 'com.amazonaws.dynamodb.v20120810'

export function renderedValue(shape: Shape, value: unknown): string {
  const rendered = render(shape, value, MAX_LENGTH)
  return rendered.length <= MAX_LENGTH ? rendered : rendered.slice(0, MAX_LENGTH)
}

/** Stops soon after `budget` characters. */
function render(shape: Shape, value: unknown, budget: number): string {
  if (value === null) return 'null'
  switch (shape.kind) {
    case 'list':
      return `[${joined(value as readonly unknown[], budget, (element, left) => render(shape.element, element, left))}]`
    case 'map': {
      const fields = value as Members
      const names = Object.keys(fields)
      return `{${joined(names, budget, (name, left) => `${name}=${render(shape.value, fields[name], left)}`)}}`
    }
    case 'structure':
      return objectOf(shape.name)
    case 'attributeValue':
      return objectOf('AttributeValue')
    default:
      return String(value)
  }
}

function joined<T>(elements: readonly T[], budget: number, part: (element: T, budget: number) => string): string {
  const parts: string[] = []
  let left = budget
  for (const element of elements) {
    if (left <= 0) break
    const rendered = part(element, left)
    parts.push(rendered)
    left -= rendered.length + 2
  }
  return parts.join(', ')
}

/** As Java prints an object that does not know how to print itself; the number differs from run to run there. */
function objectOf(type: string): string {
  return `${MODEL}.${type}@${'0'.repeat(8)}`
}
