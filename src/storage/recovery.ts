/**
 * How a database comes back: manifest, then the log, in exactly this order.
 *
 *   1. The newest manifest, with its valid edits.
 *   2. The log's segments, whole frames only, each beginning where the one before ended.
 *   3. The verdict on what is not whole. A torn tail was never acknowledged and is cut off. Damage before something
 *      that was durable is a `CorruptionError`: opening would lose acknowledged commits without a word.
 *   4. Commits that no sorted file has yet go into memory.
 *   5. Frames whose durability nothing proves are written again, into a new segment, and synced: they are about to be
 *      shown to readers, and a second power cut must not take them back.
 *   6. A new manifest with a snapshot, for the same reason.
 *   7. Files that nothing names are removed, but for the latest of the log: those who follow it may not have read that.
 *
 * Nothing is shown to anyone before step 6 is done, and each step can be interrupted and done again.
 */
import { CorruptionError, DynafileError, ReadFailedError } from '../errors.js'
import { directoryNumber, fileName, isLeftOver, logNumber, sortedFileNumber } from './disk/file-name.js'
import { type FileSystem, type OpenFile, readFile } from './disk/file-system.js'
import { ignoringFailure } from './disk/removals.js'
import type { Environment } from './environment.js'
import { type EndedSegment, KEPT_COUNT_LIMIT } from './log/ended-segments.js'
import { decodeTransactions, type Frame } from './log/log-format.js'
import { provenBeyond, type ReadSegment, readSegment } from './log/log-reader.js'
import type { SegmentLengths } from './log/log-segment.js'
import { type LogIdentity, LogWriter } from './log/log-writer.js'
import { decodeWitness } from './log/witness.js'
import { Manifest } from './manifest/manifest.js'
import type { ManifestState, PartitionRecord } from './manifest/manifest-format.js'
import { filesOf, saysNothing } from './partition/partition.js'
import { Memtable } from './tree/memtable.js'

/** In so many bytes of a segment its header is. */
const SEGMENT_HEADER_BYTES = 256

export interface Recovered {
  readonly manifest: Manifest
  readonly log: LogWriter
  readonly memtable: Memtable
  readonly epoch: number
  readonly nextId: number
  /** How much log had to be read: a checkpoint makes it short again. */
  readonly replayedByteLength: number
  /** The segments that were read, or are kept for followers, newest first. */
  readonly endedSegments: readonly EndedSegment[]
}

interface RecoveryOptions {
  readonly databaseId: Uint8Array
  readonly epoch: number
  /** Whether the folder is still this process's. */
  readonly isOurs: () => boolean
  readonly segments: SegmentLengths
  /** So much of the log before what is read is kept for followers. */
  readonly keptLogByteLimit: number
}

interface ReplayedLog {
  readonly frames: readonly {
    readonly frame: Frame
    readonly segment: number
    readonly path: string
    readonly byteOffset: number
  }[]
  readonly lastLsn: number
  readonly timestamp: number
  /** All commits up to here are known to have been durable. */
  readonly provenLsn: number
  readonly nextSegment: number
  readonly segments: readonly EndedSegment[]
  /** The numbers of those that were not read, newest first. */
  readonly passed: readonly number[]
}

/** @throws {CorruptionError} When something that was durable is damaged or missing. Nothing was changed. */
export function recover(
  environment: Environment,
  root: string,
  { databaseId, epoch: claimedEpoch, isOurs, segments, keptLogByteLimit }: RecoveryOptions,
): Recovered {
  const found = Manifest.read(environment, root, idText(databaseId))
  const state = found?.state ?? initialState(environment, root, databaseId)
  const epoch = Math.max(claimedEpoch, state.epoch + 1)

  const replayed = replayLog(environment, root, databaseId, state)
  const memtable = applyFrames(replayed, state)
  const identity: LogIdentity = { root, databaseId, epoch, isOurs }
  const suspects = replayed.frames
    .map(({ frame }) => frame)
    .filter((frame) => frame.firstLsn + frame.transactionCount - 1 > replayed.provenLsn)
  const from = { ...replayed, segment: replayed.nextSegment, suspects }
  const log = LogWriter.resume(environment, identity, from, segments)

  let manifest: Manifest | undefined
  try {
    const nextId = Math.max(state.nextId, highestId(environment, root) + 1)
    const snapshot: ManifestState = {
      ...state,
      partitions: thoseThatCount(state),
      epoch,
      nextId,
      durableLsn: replayed.lastLsn,
    }
    manifest = Manifest.start(environment, { root, isOurs }, snapshot, (found?.number ?? 0) + 1)
    const needed = neededSegments(replayed, suspects)
    const kept = latestSegments(environment, root, replayed.passed, keptLogByteLimit)
    removeOrphans(environment, root, snapshot, new Set([...needed, ...kept.map(({ number }) => number)]))
    const read = replayed.segments.filter(({ number }) => needed.has(number))
    const replayedByteLength = read.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return { manifest, log, memtable, epoch, nextId, replayedByteLength, endedSegments: [...read, ...kept] }
  } catch (failure) {
    manifest?.close()
    log.close()
    throw failure
  }
}

/** The state of a database whose creation got as far as FORMAT; anything more without a manifest is damage. */
function initialState({ files, checksum }: Environment, root: string, databaseId: Uint8Array): ManifestState {
  const hasData =
    files.list(fileName.trees(root)).length > 0 ||
    files.list(fileName.logDirectory(root)).some((name) => {
      const number = logNumber(name)
      if (number === undefined) return false
      const segment = readSegment(Buffer.from(readFile(files, fileName.log(root, number))), checksum)
      return segment !== undefined && segment.frames.length > 0
    })
  if (hasData) throw new CorruptionError(`${root}/MANIFEST-*`, 0, 'the manifest is missing')
  return {
    databaseId: idText(databaseId),
    epoch: 0,
    nextId: 1,
    firstSegment: 1,
    firstLsn: 1,
    durableLsn: 0,
    partitions: [],
  }
}

function replayLog(environment: Environment, root: string, databaseId: Uint8Array, state: ManifestState): ReplayedLog {
  const { files, checksum } = environment
  const numbers = files
    .list(fileName.logDirectory(root))
    .map(logNumber)
    .filter((number) => number !== undefined)
  const segments: { path: string; bytes: Buffer; segment: ReadSegment }[] = []
  for (const number of numbers) {
    if (number < state.firstSegment) continue
    const path = fileName.log(root, number)
    const bytes = Buffer.from(reading(path, () => readFile(files, path)))
    const segment = readSegment(bytes, checksum)
    // A segment without a header was never synced. If it was, the commits it held are missed below.
    if (segment === undefined) continue
    const isOurs = idText(segment.header.databaseId) === idText(databaseId)
    // So is one that was written over an older segment when the new header was lost: the old one shows.
    if (isOurs && segment.header.number < state.firstSegment) continue
    if (!isOurs || segment.header.number !== number)
      throw new CorruptionError(path, 0, 'it is another segment under this name')
    segments.push({ path, bytes, segment })
  }

  const frames: { frame: Frame; segment: number; path: string; byteOffset: number }[] = []
  let lastLsn = state.firstLsn - 1
  let provenLsn = state.durableLsn
  let timestamp = 0
  for (const [i, { path, bytes, segment }] of segments.entries()) {
    const nextFirstLsn = segments[i + 1]?.segment.firstLsn
    if (segment.firstLsn > lastLsn + 1) {
      throw new CorruptionError(path, 0, `commits ${lastLsn + 1} to ${segment.firstLsn - 1} are missing before it`)
    }
    // Recovery wrote these again: the newer copy counts.
    while ((frames.at(-1)?.frame.firstLsn ?? 0) >= segment.firstLsn) frames.pop()
    lastLsn = segment.firstLsn - 1
    provenLsn = Math.max(provenLsn, segment.syncedLsn)
    timestamp = Math.max(timestamp, segment.header.timestamp)
    for (const { frame, byteOffset } of segment.frames) {
      if (nextFirstLsn !== undefined && frame.firstLsn >= nextFirstLsn) break
      frames.push({ frame, segment: segment.header.number, path, byteOffset })
      lastLsn += frame.transactionCount
      provenLsn = Math.max(provenLsn, frame.syncedLsn)
    }
    if (nextFirstLsn !== undefined && lastLsn < nextFirstLsn - 1) {
      throw new CorruptionError(path, segment.endOffset, `commits ${lastLsn + 1} to ${nextFirstLsn - 1} are damaged`)
    }
    if (nextFirstLsn === undefined && provenBeyond(bytes, segment, checksum) > lastLsn) {
      throw new CorruptionError(path, segment.endOffset, `commit ${lastLsn + 1} is damaged, and it was durable`)
    }
  }

  const missingFrom = lastLsn + 1
  const last = segments.at(-1)
  const place = { path: last?.path ?? fileName.logDirectory(root), byteOffset: last?.segment.endOffset ?? 0 }
  const witnessed = readWitness(environment, root, databaseId, state.epoch)
  if (Math.max(provenLsn, witnessed) > lastLsn) {
    const until = Math.max(provenLsn, witnessed)
    const reason = `commits ${missingFrom} to ${until} were durable and are missing`
    throw new CorruptionError(place.path, place.byteOffset, reason)
  }
  const nextSegment = Math.max(state.firstSegment, ...numbers.map((number) => number + 1))
  const read = segments
    .map(({ segment }) => ({ number: segment.header.number, byteLength: segment.endOffset }))
    .reverse()
  const passed = numbers.filter((number) => number < state.firstSegment).sort((a, b) => b - a)
  const end = { lastLsn, timestamp: lastTimestamp(frames.at(-1), timestamp) }
  return { frames, ...end, provenLsn, nextSegment, segments: read, passed }
}

function lastTimestamp(last: ReplayedLog['frames'][number] | undefined, timestamp: number): number {
  let latest = timestamp
  if (last !== undefined) for (const transaction of decoded(last)) latest = Math.max(latest, transaction.timestamp)
  return latest
}

/** The transactions of a frame whose checksum is right; that they can't be decoded would be damage all the same. */
function* decoded({ frame, path, byteOffset }: ReplayedLog['frames'][number]): ReturnType<typeof decodeTransactions> {
  try {
    yield* decodeTransactions(frame)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new CorruptionError(path, byteOffset, 'its commits can not be decoded', { cause })
  }
}

function applyFrames({ frames }: ReplayedLog, state: ManifestState): Memtable {
  const flushedLsn = flushedLsnFinder(state)
  const memtable = new Memtable()
  for (const frame of frames) {
    for (const { lsn, writes } of decoded(frame)) {
      for (const { tree, key, value } of writes) {
        if (lsn > flushedLsn(tree, key)) memtable.set(tree, key, value, lsn)
      }
    }
  }
  return memtable
}

/** Up to which commit the sorted file of a key's partition already has everything. */
function flushedLsnFinder({ partitions }: ManifestState): (tree: number, key: string) => number {
  const trees = new Map<number, { lower: string; flushedLsn: number }[]>()
  for (const partition of partitions) {
    const known = trees.get(partition.tree)
    if (known === undefined) trees.set(partition.tree, [partition])
    else known.push(partition)
  }
  for (const known of trees.values()) known.sort((a, b) => (a.lower < b.lower ? 1 : -1))
  return (tree, key) => trees.get(tree)?.find(({ lower }) => lower <= key)?.flushedLsn ?? 0
}

/** Without those of trees that were dropped or emptied, once the log has nothing of them that must not come back. */
function thoseThatCount({ partitions, firstLsn }: ManifestState): PartitionRecord[] {
  const counts = new Map<number, number>()
  for (const { tree } of partitions) counts.set(tree, (counts.get(tree) ?? 0) + 1)
  return partitions.filter((partition) => counts.get(partition.tree)! > 1 || !saysNothing(partition, firstLsn))
}

function readWitness({ files, checksum }: Environment, root: string, databaseId: Uint8Array, epoch: number): number {
  const path = fileName.witness(root)
  if (files.kind(path) !== 'file') return 0
  return decodeWitness(
    reading(path, () => readFile(files, path)),
    databaseId,
    checksum,
    epoch,
  )
}

/** The highest number that any partition or sorted file on the disk has, counted or not: none is used twice. */
function highestId({ files }: Environment, root: string): number {
  let highest = 0
  for (const { partition, names } of partitionDirectories(files, root)) {
    highest = Math.max(highest, partition)
    // A temporary file has its number in front as well.
    for (const name of names) highest = Math.max(highest, Number.parseInt(name, 10) || 0)
  }
  return highest
}

/** The segments without which commits would be missing. Not those that only say where an opening began. */
function neededSegments({ frames, nextSegment }: ReplayedLog, suspects: readonly Frame[]): ReadonlySet<number> {
  const firstCopied = suspects[0]?.firstLsn ?? Number.POSITIVE_INFINITY
  const kept = frames.filter(({ frame }) => frame.firstLsn < firstCopied)
  return new Set([...kept.map(({ segment }) => segment), nextSegment])
}

/** Some of the latest of these segments, which are as long as their files: up to so many bytes. */
function latestSegments(
  environment: Environment,
  root: string,
  numbers: readonly number[],
  byteLimit: number,
): readonly EndedSegment[] {
  const latest: EndedSegment[] = []
  let left = byteLimit
  for (const number of numbers.slice(0, KEPT_COUNT_LIMIT)) {
    const byteLength = byteLengthOf(environment, fileName.log(root, number), number)
    left -= byteLength
    if (left < 0) break
    latest.push({ number, byteLength })
  }
  return latest
}

/**
 * What can't be read is too long to be kept: nobody needs it to open the database. So is a file that is another segment's by
 * now, which has kept its old name when the power went out: it would be written over under that one.
 */
function byteLengthOf({ files, checksum }: Environment, path: string, number: number): number {
  let file: OpenFile | undefined
  try {
    file = files.open(path, 'read')
    const beginning = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const segment = readSegment(beginning.subarray(0, file.read(beginning, 0)), checksum)
    return segment?.header.number === number ? file.size() : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  } finally {
    file?.close()
  }
}

/** Removes what no manifest names. Removals need no sync: what comes back is an orphan again. */
function removeOrphans(
  { files }: Environment,
  root: string,
  state: ManifestState,
  segments: ReadonlySet<number>,
): void {
  const counted = new Map(
    state.partitions.map((partition) => [partition.id, new Set(filesOf(partition).map(({ id }) => id))]),
  )
  for (const { directory, partition, names } of partitionDirectories(files, root)) {
    for (const name of names) {
      const number = sortedFileNumber(name)
      if (isLeftOver(name)) removeLeftOver(files, `${directory}/${name}`)
      else if (number !== undefined && !counted.get(partition)?.has(number)) files.remove(`${directory}/${name}`)
    }
    if (!counted.has(partition)) files.removeDirectory(directory)
  }
  const countedTrees = new Set(state.partitions.map(({ tree }) => tree))
  for (const name of files.list(fileName.trees(root))) {
    const tree = directoryNumber(name)
    if (tree !== undefined && !countedTrees.has(tree)) files.removeDirectory(fileName.tree(root, tree))
  }
  for (const name of files.list(fileName.logDirectory(root))) {
    const number = logNumber(name)
    const path = `${fileName.logDirectory(root)}/${name}`
    if (isLeftOver(name)) removeLeftOver(files, path)
    else if (number !== undefined && !segments.has(number)) files.remove(path)
  }
  for (const name of files.list(root)) if (isLeftOver(name)) removeLeftOver(files, `${root}/${name}`)
}

/** A temporary file counts for nobody; one that somebody holds, as a scanner does on Windows, the next opening removes. */
function removeLeftOver(files: FileSystem, path: string): void {
  ignoringFailure(() => files.remove(path))
}

function* partitionDirectories(
  files: Environment['files'],
  root: string,
): Generator<{ directory: string; partition: number; names: string[] }> {
  for (const treeName of files.list(fileName.trees(root))) {
    const tree = directoryNumber(treeName)
    if (tree === undefined) continue
    for (const partitionName of files.list(fileName.tree(root, tree))) {
      const partition = directoryNumber(partitionName)
      if (partition === undefined) continue
      const directory = fileName.partition(root, tree, partition)
      yield { directory, partition, names: files.list(directory) }
    }
  }
}

export function idText(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof DynafileError) throw cause
    throw new ReadFailedError(path, { cause })
  }
}
