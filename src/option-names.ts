/**
 * Which options an operation has. Without a compiler a misspelled one would be none: `put(item, { iff: … })` would be a put
 * without a condition.
 */
import { ValidationException } from './errors.js'

type Operation =
  | 'get'
  | 'batchGet'
  | 'query'
  | 'scan'
  | 'put'
  | 'update'
  | 'delete'
  | 'check'
  | 'count'
  | 'read the keys'
  | 'transact'
  | 'open'
  | 'verify'
  | 'awsConfig'

/** What the value of an option has to be: another one would be taken for none, or fail somewhere else. */
export interface OptionRule {
  readonly isRight: (value: unknown) => boolean
  readonly what: string
  /** A refusal does not show it. */
  readonly isSecret?: true
}

const GET = ['select', 'consistent', 'signal']
// Of a query, what is for scans alone is refused with the reason.
const READ = [...GET, 'filter', 'limit', 'reverse', 'cursor', 'sortBytes', 'segment', 'totalSegments', 'workers']
const WRITE = ['if', 'return', 'signal']
const STORAGE = ['compression', 'cacheBytes', 'memtableBytes', 'partitionBytes', 'threadFromBytes']

/** Those of `serve` have a rule each, which a database loads when it is served: server/serve-rules.ts. */
const OPTION_NAMES: Readonly<Record<Operation, readonly string[]>> = {
  get: GET,
  batchGet: GET,
  query: READ,
  scan: READ,
  put: WRITE,
  update: WRITE,
  delete: WRITE,
  check: WRITE,
  count: ['signal'],
  'read the keys': ['signal'],
  transact: ['token', 'retries', 'signal'],
  open: ['fsync', 'fsyncIntervalMs', ...STORAGE, 'clock'],
  verify: ['onProgress'],
  awsConfig: ['region'],
}

/** What they may be asked to return; an update says so itself. */
const RETURNED: Readonly<Partial<Record<Operation, readonly unknown[]>>> = {
  put: ['none', 'old'],
  check: ['none', 'old'],
  delete: ['none', 'old'],
}

const YES_OR_NO: OptionRule = { isRight: (value) => typeof value === 'boolean', what: 'true or false' }

export const REGION_RULE: OptionRule = { isRight: isName, what: 'a name, such as us-east-1' }

const RULES: Readonly<Record<string, OptionRule>> = {
  reverse: YES_OR_NO,
  consistent: YES_OR_NO,
  signal: { isRight: isSignal, what: 'an AbortSignal' },
  onProgress: { isRight: (value) => typeof value === 'function', what: 'a function' },
  region: REGION_RULE,
}

/**
 * What is wrong with the options, if they are none or have one that the operation does not. One that is undefined is not there.
 *
 * @param names Those there are. @default what the operation has where it is a call of its own
 */
export function optionProblem(
  operation: Operation,
  options: object,
  names: readonly string[] = OPTION_NAMES[operation],
): ValidationException | undefined {
  const problem = problemOf(operation, options, names, RULES)
  if (problem !== undefined) return problem
  const { return: returned } = options as { readonly return?: unknown }
  const known = returned === undefined ? undefined : RETURNED[operation]
  if (known === undefined || known.includes(returned)) return undefined
  const message = `Cannot ${operation}: "return" is one of ${known.join(', ')}, not ${JSON.stringify(returned)}`
  return new ValidationException('OPTION', message)
}

/** @throws {ValidationException} `OPTION` */
export function checkOptionNames(...[operation, options, names]: Parameters<typeof optionProblem>): void {
  const problem = optionProblem(operation, options, names)
  if (problem !== undefined) throw problem
}

/**
 * The same for options that have a rule each, and for those within one of them.
 *
 * @param within Where they are, if not at the top: `faults.`, with the dot.
 * @throws {ValidationException} `OPTION`
 */
export function checkOptionRules(
  operation: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
  within = '',
): void {
  const problem = problemOf(operation, options, Object.keys(rules), rules, within)
  if (problem !== undefined) throw problem
}

/** Whether it is a text with something in it. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function problemOf(
  operation: string,
  options: object,
  names: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
  within = '',
): ValidationException | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const subject = within === '' ? 'its options are' : `"${within.slice(0, -1)}" is`
    return new ValidationException('OPTION', `Cannot ${operation}: ${subject} an object, not ${kindOf(options)}`)
  }
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined) continue
    if (!names.includes(name)) {
      const all = names.map((known) => within + known).join(', ')
      const message = `Cannot ${operation}: there is no option ${JSON.stringify(within + name)}; there are ${all}`
      return new ValidationException('OPTION', message)
    }
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined || rule.isRight(value)) continue
    const shown = rule.isSecret === true ? kindOf(value) : shownValue(value)
    return new ValidationException('OPTION', `Cannot ${operation}: "${within}${name}" is ${rule.what}, not ${shown}`)
  }
  return undefined
}

/** Of whatever library or context it is. */
function isSignal(value: unknown): boolean {
  return typeof (value as AbortSignal | null)?.throwIfAborted === 'function'
}

const SHOWN_LENGTH = 60

/** To show an object would run code of the caller's. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty text' : JSON.stringify(value.slice(0, SHOWN_LENGTH))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.length > 3 ? 'a list' : `[${value.map(shownElement).join(', ')}]`
  return value === null || typeof value !== 'object' ? String(value) : 'an object'
}

/** A list may be in itself. */
function shownElement(element: unknown): string {
  return Array.isArray(element) ? 'a list' : shownValue(element)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`
}
