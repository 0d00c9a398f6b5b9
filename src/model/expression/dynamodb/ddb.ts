/**
 * The `ddb` template: a DynamoDB expression whose values stand where they are used, and whose names need no placeholders.
 *
 * The template's text is data like any other that a program has written; what is put into it never becomes a part of it.
 */
import { ValidationException } from '../../../errors.js'
import { type DdbExpression, isDdbExpression } from './expression-source.js'

/** An attribute by its name, for a place in a template where a path can stand. */
export interface DdbAttribute {
  readonly kind: 'ddb attribute'
  readonly name: string
}

const attributes = new WeakSet<object>()
/** The text of templates that have no attributes put in: the same for each evaluation. */
const texts = new WeakMap<TemplateStringsArray, string>()

export interface Ddb {
  /**
   * A DynamoDB expression as a tagged template: a condition, a filter, a key condition or an update. What is put in are
   * values; reserved words can be used as names of attributes, and so can `#word` where a word means something else.
   *
   * @example
   * await orders.query({ customer: 'ada' }, { filter: ddb`total > ${20} AND size(tags) < ${3}` }).toArray()
   * await orders.update(key, ddb`SET visits = if_not_exists(visits, ${0}) + ${1}`, { if: ddb`status = ${'open'}` })
   *
   * @throws {ValidationException} `EXPRESSION_SYNTAX` when an expression is put into another one, or when there is a
   * `:value` in it. Whether the text is an expression shows when it is used.
   */
  (strings: TemplateStringsArray, ...values: readonly unknown[]): DdbExpression

  /**
   * An attribute whose name is known only when the program runs, or that can't be written as a word.
   *
   * @example
   * await orders.scan({ filter: ddb`${ddb.attribute('odd name')} = ${5}` }).toArray()
   *
   * @throws {ValidationException} `ATTRIBUTE_NAME` when no attribute can be called so.
   */
  readonly attribute: (name: string) => DdbAttribute
}

/** DynamoDB expressions as tagged templates. */
export const ddb: Ddb = Object.assign(template, { attribute: attributeCalled })

function template(strings: TemplateStringsArray, ...values: readonly unknown[]): DdbExpression {
  let hasAttribute = false
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    if (attributes.has(value)) hasAttribute = true
    else checkNoExpression(value)
  }
  return hasAttribute ? withAttributes(strings, values) : { kind: 'ddb', text: textOf(strings), values }
}

function attributeCalled(name: string): DdbAttribute {
  if (typeof name !== 'string' || name === '') {
    const message = `Cannot use ${JSON.stringify(name) ?? typeof name} as the name of an attribute`
    throw new ValidationException('ATTRIBUTE_NAME', message)
  }
  const marked = Object.freeze({ kind: 'ddb attribute', name } as const)
  attributes.add(marked)
  return marked
}

function textOf(strings: TemplateStringsArray): string {
  let text = texts.get(strings)
  if (text === undefined) {
    text = strings.map((part, index) => (index === 0 ? part : `:${index - 1}${part}`)).join('')
    checkPlaceholders(strings)
    texts.set(strings, text)
  }
  return text
}

function withAttributes(strings: TemplateStringsArray, parts: readonly unknown[]): DdbExpression {
  checkPlaceholders(strings)
  const values: unknown[] = []
  const aliases: Record<string, string> = {}
  let text = strings[0]!
  const prefix = unusedPrefix(strings)
  parts.forEach((part, index) => {
    if (typeof part === 'object' && part !== null && attributes.has(part)) {
      const alias = `#${prefix}${index}`
      aliases[alias] = (part as DdbAttribute).name
      text += alias
    } else {
      text += `:${values.length}`
      values.push(part)
    }
    text += strings[index + 1]!
  })
  return { kind: 'ddb', text, values, names: aliases }
}

/** A `:value` in the text would be taken for one that was put in. */
function checkPlaceholders(strings: TemplateStringsArray): void {
  const found = strings.map((part) => /:[A-Za-z0-9_]*/.exec(part)?.[0]).find((value) => value !== undefined)
  if (found === undefined) return
  const message = `Cannot use "${found}" in a ddb template: put the value in with \${…}, or use { expression, values }`
  throw new ValidationException('EXPRESSION_SYNTAX', message)
}

function unusedPrefix(strings: TemplateStringsArray): string {
  const text = strings.join(' ')
  let prefix = 'n'
  while (text.includes(`#${prefix}`)) prefix += 'n'
  return prefix
}

function checkNoExpression(value: object): void {
  if (!isDdbExpression(value)) return
  const message = 'Cannot put an expression into another one: write it out, or combine filters with { and: […] }'
  throw new ValidationException('EXPRESSION_SYNTAX', message)
}
