/**
 * Checks the options of `open` and turns them into what the parts work with. Every refusal says which values there are
 * and why: a size that is a mistake in its unit is found here, not by the machine when it has no memory left.
 */
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { ValidationException } from './errors.js'
import { checkOptionNames } from './option-names.js'
import type { OpenOptions } from './options.js'
import { COMPRESSIONS, hasCompression } from './storage/codec/block-codec.js'
import type { Durability } from './storage/log/commit-queue.js'
import { DEFAULT_STORAGE_OPTIONS, type StorageOptions } from './storage/storage-options.js'

export interface Settings {
  readonly storageOptions: StorageOptions
  /** How many bytes of decoded items are kept. */
  readonly itemCacheByteLimit: number
}

/** Of the cache, the part that is for decoded items; the rest is for blocks of files. … */
const ITEM_CACHE_SHARE = 1 / 64
/** … More of them than this are slower than decoding: they lie in no cache of the processor. */
const ITEM_CACHE_LIMIT = 1024 * 1024
/** An entry takes as much: with less, each write would be a checkpoint, and each item a file. */
const LEAST_BYTES = 256
/** The filter of a file is in memory while the file is used, and one checkpoint writes all of it. */
const MOST_PARTITION_BYTES = 4 * 1024 ** 3
/** A timer that is to wait longer does not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const MEGABYTE = 1024 * 1024
const FSYNC_MODES = ['always', 'batch', 'never'] as const

/** @throws {ValidationException} When an option has a value it does not take. */
export function settingsFrom(options: OpenOptions): Settings {
  checkOptionNames('open', options)
  const { fsync = 'always', fsyncIntervalMs = 100, compression = 'none' } = options
  const defaults = DEFAULT_STORAGE_OPTIONS
  checkOneOf('fsync', fsync, FSYNC_MODES)
  checkOneOf('compression', compression, COMPRESSIONS)
  if (!hasCompression(compression)) {
    throw refused(`"compression" can't be ${compression} on ${process.version}: it needs Node 22.15 or newer`)
  }
  checkInterval(fsyncIntervalMs)
  if (options.clock !== undefined) checkClock(options.clock)
  const memory = memoryBytes()
  const half = Math.floor(memory / 2)
  const {
    cacheBytes = defaultCacheBytes(memory),
    memtableBytes = Math.min(defaults.memtableByteLimit, half),
    partitionBytes = defaults.partitionByteLimit,
    threadFromBytes = defaults.threadFromByteLength,
  } = options
  const usable = 'the memory that this process may use'
  checkBytes('cacheBytes', cacheBytes, { least: 0, most: memory, because: usable })
  checkBytes('memtableBytes', memtableBytes, { least: LEAST_BYTES, most: half, because: `half of ${usable}` })
  const longest = { least: LEAST_BYTES, most: MOST_PARTITION_BYTES, because: 'as much as one checkpoint should write' }
  checkBytes('partitionBytes', partitionBytes, longest)
  if (threadFromBytes !== Number.POSITIVE_INFINITY) {
    const because = 'or Infinity, for no thread'
    checkBytes('threadFromBytes', threadFromBytes, { least: 0, most: Number.MAX_SAFE_INTEGER, because })
  }

  const durability: Record<(typeof FSYNC_MODES)[number], Durability> = {
    always: { kind: 'synced' },
    batch: { kind: 'interval', intervalMs: fsyncIntervalMs },
    never: { kind: 'system' },
  }
  const itemCacheByteLimit = Math.min(cacheBytes * ITEM_CACHE_SHARE, ITEM_CACHE_LIMIT)
  const storageOptions = {
    ...defaults,
    durability: durability[fsync],
    compression,
    cacheByteLimit: cacheBytes - itemCacheByteLimit,
    memtableByteLimit: memtableBytes,
    partitionByteLimit: partitionBytes,
    threadFromByteLength: threadFromBytes,
    openFileLimit: Math.min(defaults.openFileLimit, Math.ceil(descriptorLimit() / 4)),
  }
  return { storageOptions, itemCacheByteLimit }
}

/** What the process may use: the machine's memory, or what a container leaves of it. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  // Without a limit some systems report zero, others more than there is.
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** How many files this process may have open; without a limit where the system does not say. */
function descriptorLimit(): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** A cache that grows with the machine: what does not fit is read from the disk again and again. */
function defaultCacheBytes(memory: number): number {
  return Math.floor(Math.min(512 * MEGABYTE, memory, Math.max(64 * MEGABYTE, memory / 64)))
}

function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw refused(`"${name}" is one of ${known.join(', ')}, not ${shown(value)}`)
}

function checkInterval(value: number): void {
  if (typeof value === 'number' && value > 0 && value <= LONGEST_TIMER_MS) return
  throw refused(`"fsyncIntervalMs" is a number of milliseconds above 0, up to ${LONGEST_TIMER_MS}, not ${shown(value)}`)
}

/** @param clock Of somebody who may not have a compiler. */
function checkClock(clock: { readonly now?: unknown } | null): void {
  const now: unknown = typeof clock?.now === 'function' ? clock.now() : undefined
  if (typeof now === 'number' && Number.isFinite(now)) return
  throw refused('"clock" has to be an object whose now() answers the milliseconds since 1970')
}

function checkBytes(
  name: string,
  value: number,
  { least, most, because }: { readonly least: number; readonly most: number; readonly because: string },
): void {
  const isWhole = typeof value === 'number' && Number.isInteger(value)
  if (isWhole && value >= least && value <= most) return
  const range = `a whole number of bytes from ${least} to ${most} (${because})`
  throw refused(`"${name}" has to be ${range}, not ${shown(value)}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function refused(reason: string): ValidationException {
  return new ValidationException('OPTION', `Cannot open: ${reason}`)
}
