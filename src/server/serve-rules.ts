/**
 * What each option of `serve` has to be; all of them are looked at before anything is seeded or listens. What was let through
 * would be heard by others, or by nobody: Node, told of no host, listens for everybody, and a key that is misspelled `readonly`
 * may write.
 */
import { checkOptionRules, isName, type OptionRule, REGION_RULE } from '../option-names.js'
import type { FaultOptions } from './faults.js'
import type { ServeOptions } from './served-database.js'
import type { AuthKey } from './signature.js'

/** A timer that is to wait longer does not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const LONGEST_LATENCY_MS = 600_000

const TEXT: OptionRule = { isRight: isName, what: 'a text that is not empty' }
const WAIT: OptionRule = {
  isRight: (value) => isWhole(value, 0, LONGEST_TIMER_MS),
  what: `a whole number of milliseconds from 0 to ${LONGEST_TIMER_MS}`,
}
const SHARE: OptionRule = {
  isRight: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  what: 'a share of the requests, from 0 to 1',
}

const SERVE: Readonly<Record<keyof ServeOptions, OptionRule>> = {
  port: { isRight: (value) => isWhole(value, 0, 65_535), what: 'a whole number from 0 to 65535' },
  host: { isRight: isName, what: 'the name or the address to listen at, such as 127.0.0.1' },
  auth: { isRight: Array.isArray, what: 'a list of keys: { accessKeyId, secretAccessKey, readOnly }', isSecret: true },
  cors: { isRight: isListOrAll, what: "a list of origins, or '*'" },
  allowHosts: { isRight: isListOrAll, what: "a list of names, or '*'" },
  region: REGION_RULE,
  accountId: { isRight: isName, what: 'a text, such as 000000000000' },
  seed: { isRight: Array.isArray, what: 'a list of tables' },
  tableDelayMs: { isRight: isDelay, what: 'a number of milliseconds from 0' },
  faults: { isRight: isObject, what: 'an object, such as { throttle: 0.1 }' },
  maxConnections: limitOf('connections'),
  maxBodyBytes: limitOf('bytes'),
  maxAnswerBytes: limitOf('bytes'),
  requestTimeoutMs: WAIT,
  headersTimeoutMs: WAIT,
  idleTimeoutMs: WAIT,
  closeTimeoutMs: WAIT,
  onFailure: { isRight: (value) => typeof value === 'function', what: 'a function' },
}

const FAULTS: Readonly<Record<keyof FaultOptions, OptionRule>> = {
  seed: { isRight: Number.isFinite, what: 'a number' },
  throttle: SHARE,
  unprocessed: SHARE,
  conflict: SHARE,
  latencyMs: {
    isRight: isLatency,
    what: `a number of milliseconds up to ${LONGEST_LATENCY_MS}, or the least and the most`,
  },
}

const ANY: OptionRule = { isRight: () => true, what: 'anything' }

/** Credentials of an SDK are a key, too: what else they have, or the SDK notes in them, means nothing here. */
const CREDENTIALS: Readonly<Record<string, OptionRule>> = Object.fromEntries(
  ['sessionToken', 'expiration', 'credentialScope', 'accountId', '$source'].map((name) => [name, ANY]),
)

const AUTH_KEY: Readonly<Record<keyof AuthKey, OptionRule>> = {
  accessKeyId: TEXT,
  secretAccessKey: { ...TEXT, isSecret: true },
  readOnly: { isRight: (value) => typeof value === 'boolean', what: 'true or false' },
  ...CREDENTIALS,
}

/** @throws {ValidationException} `OPTION` */
export function checkServeOptions(options: ServeOptions): void {
  checkOptionRules('serve', options, SERVE)
  const { faults, auth = [] } = options
  if (faults !== undefined) checkOptionRules('serve', faults, FAULTS, 'faults.')
  for (const [i, key] of auth.entries()) checkKey(key, `auth[${i}].`)
}

/** A key without a secret would let anybody in who says its name. */
function checkKey(key: AuthKey, within: string): void {
  checkOptionRules('serve', key, AUTH_KEY, within)
  const { accessKeyId = null, secretAccessKey = null } = key
  checkOptionRules('serve', { accessKeyId, secretAccessKey }, AUTH_KEY, within)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOrAll(value: unknown): boolean {
  return value === '*' || (Array.isArray(value) && value.every(isName))
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function isDelay(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0
}

function isLatency(value: unknown): boolean {
  const [least, most, ...more] = Array.isArray(value) ? value : [value, value]
  return isDelay(least) && isDelay(most) && most >= least && most <= LONGEST_LATENCY_MS && more.length === 0
}

function limitOf(what: string): OptionRule {
  const isRight = (value: unknown) => value === Number.POSITIVE_INFINITY || isWhole(value, 1, Number.MAX_SAFE_INTEGER)
  return { isRight, what: `a whole number of ${what} from 1, or Infinity` }
}
