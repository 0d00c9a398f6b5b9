/**
 * Which options an operation has. Without a compiler a misspelled one would be none: `put(item, { iff: … })` would be a put
 * without a condition.
 */
import { ValidationException } from './errors.js'

type Operation = 'get' | 'batchGet' | 'query' | 'scan' | 'put' | 'update' | 'delete' | 'check' | 'transact' | 'open'

const GET = ['select', 'consistent', 'signal']
// Of a query, what is for scans alone is refused with the reason.
const READ = [...GET, 'filter', 'limit', 'reverse', 'cursor', 'sortBytes', 'segment', 'totalSegments', 'workers']
const WRITE = ['if', 'return', 'signal']
const STORAGE = ['compression', 'cacheBytes', 'memtableBytes', 'partitionBytes', 'threadFromBytes']

const OPTION_NAMES: Readonly<Record<Operation, readonly string[]>> = {
  get: GET,
  batchGet: GET,
  query: READ,
  scan: READ,
  put: WRITE,
  update: WRITE,
  delete: WRITE,
  check: WRITE,
  transact: ['token', 'retries', 'signal'],
  open: ['fsync', 'fsyncIntervalMs', ...STORAGE, 'clock'],
}

/** What they may be asked to return; an update says so itself. */
const RETURNED: Readonly<Partial<Record<Operation, readonly unknown[]>>> = {
  put: ['none', 'old'],
  check: ['none', 'old'],
  delete: ['none', 'old'],
}

/** What some of them have to be: another value would be taken for none, or fail somewhere else. */
const VALUES: Readonly<Record<string, readonly [isRight: (value: unknown) => boolean, what: string]>> = {
  reverse: [(value) => typeof value === 'boolean', 'true or false'],
  consistent: [(value) => typeof value === 'boolean', 'true or false'],
  signal: [isSignal, 'an AbortSignal'],
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
  if (typeof options !== 'object' || options === null) {
    return new ValidationException(
      'OPTION',
      `Cannot ${operation}: its options are an object, not ${options === null ? 'null' : `of type ${typeof options}`}`,
    )
  }
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined) continue
    if (names.includes(name)) {
      const wrong = wrongValue(operation, name, value)
      if (wrong !== undefined) return wrong
      continue
    }
    const message = `Cannot ${operation}: there is no option ${JSON.stringify(name)}; there are ${names.join(', ')}`
    return new ValidationException('OPTION', message)
  }
  const { return: returned } = options as { readonly return?: unknown }
  const known = returned === undefined ? undefined : RETURNED[operation]
  if (known === undefined || known.includes(returned)) return undefined
  const message = `Cannot ${operation}: "return" is one of ${known.join(', ')}, not ${JSON.stringify(returned)}`
  return new ValidationException('OPTION', message)
}

/** Of whatever library or context it is. */
function isSignal(value: unknown): boolean {
  return typeof (value as AbortSignal | null)?.throwIfAborted === 'function'
}

function wrongValue(operation: Operation, name: string, value: unknown): ValidationException | undefined {
  const rule = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined
  if (rule === undefined || rule[0](value)) return undefined
  // To show an object would run code of the caller's.
  const shown = value === null || typeof value !== 'object' ? String(value) : 'an object'
  return new ValidationException('OPTION', `Cannot ${operation}: "${name}" is ${rule[1]}, not ${shown}`)
}

/** @throws {ValidationException} `OPTION` */
export function checkOptionNames(...[operation, options, names]: Parameters<typeof optionProblem>): void {
  const problem = optionProblem(operation, options, names)
  if (problem !== undefined) throw problem
}
