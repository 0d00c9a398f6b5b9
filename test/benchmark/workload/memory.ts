/** The memory of this process in megabytes: all that is resident, and without the pages of mapped files. */
import { readFileSync } from 'node:fs'

export function residentMb(): number {
  return process.memoryUsage.rss() / 1e6
}

/** @returns Nothing where the system does not tell. */
export function anonymousMb(): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6
}
