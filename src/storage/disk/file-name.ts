/**
 * Every name we give a file, built and parsed in one place. Names are made of our own words and decimal integers:
 * nothing a user stores or types ever becomes part of a path.
 *
 *   FORMAT                           what the folder is; written last when a database is created
 *   MANIFEST-<n>                     which sorted files count
 *   WITNESS                          how far the log was durable, lately
 *   EPOCH-<n>, lock-<hex>.sock       the process lock
 *   wal/<n>.log                      the log's segments
 *   t/<tree>/<partition>/<file>.run  sorted files
 */
import type { Random } from '../../base/random.js'

const DIGITS = 10

export const fileName = {
  format: (root: string): string => `${root}/FORMAT`,
  witness: (root: string): string => `${root}/WITNESS`,
  manifest: (root: string, number: number): string => `${root}/MANIFEST-${pad(number)}`,
  logDirectory: (root: string): string => `${root}/wal`,
  log: (root: string, number: number): string => `${root}/wal/${pad(number)}.log`,
  trees: (root: string): string => `${root}/t`,
  tree: (root: string, tree: number): string => `${root}/t/${tree}`,
  partition: (root: string, tree: number, partition: number): string => `${root}/t/${tree}/${partition}`,
  sortedFile: (root: string, tree: number, partition: number, file: number): string =>
    `${root}/t/${tree}/${partition}/${file}.run`,
  temporary: (path: string): string => `${path}.tmp`,
  /** One that no other process chooses. */
  temporaryOfOurs: (path: string, random: Random): string =>
    `${path}.tmp.${Buffer.from(random.bytes(6)).readUIntLE(0, 6)}`,
}

/** The number in a manifest's name, or undefined for any other name. */
export function manifestNumber(name: string): number | undefined {
  return numberIn(name, /^MANIFEST-(\d{10,15})$/)
}

export function logNumber(name: string): number | undefined {
  return numberIn(name, /^(\d{10,15})\.log$/)
}

export function sortedFileNumber(name: string): number | undefined {
  return numberIn(name, /^(\d{1,15})\.run$/)
}

/** The number that is the whole name of a tree's or a partition's directory. */
export function directoryNumber(name: string): number | undefined {
  return numberIn(name, /^(\d{1,15})$/)
}

/** Whether a name in the database's folder is one of ours: creation starts again only where nothing else is. */
export function isOwnName(name: string): boolean {
  return /^(FORMAT|WITNESS|wal|t|MANIFEST-\d{10,15}|EPOCH-\d{12}|lock-[0-9a-f]+\.sock)(\.tmp(\.\d+){0,2}|\.[0-9a-f]+\.tmp)?$/.test(
    name,
  )
}

/**
 * Whether a name is that of a file somebody was writing when the process ended. The digits are those of a process, and
 * write-file-atomic's.
 */
export function isLeftOver(name: string): boolean {
  return /^(\d+\.run|\d+\.log|FORMAT|WITNESS|MANIFEST-\d+)\.tmp(\.\d+){0,2}$/.test(name)
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function numberIn(name: string, pattern: RegExp): number | undefined {
  const match = pattern.exec(name)
  return match === null ? undefined : Number(match[1])
}

function pad(number: number): string {
  return String(number).padStart(DIGITS, '0')
}
