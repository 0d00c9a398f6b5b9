/** A folder for one measurement, and how much of the disk it takes. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `BENCH_FOLDER` names the folder to make it in, so that it is on the disk that is meant. */
export async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'dynafile-bench-'))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What the files take, not how long they are: some have holes. */
export function bytesOnDisk(directory: string): number {
  let total = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) total += bytesOnDisk(path)
    else if (entry.isFile()) total += statSync(path).blocks * 512
  }
  return total
}
