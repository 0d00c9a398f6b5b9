/** Printing for a process that may be killed at any moment: what was printed is out. */
import { writeSync } from 'node:fs'

/** Prints a short line before it returns. A pipe whose reader is slow takes nothing for a moment: then it tries again. */
export function printNow(line: string | number): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EAGAIN') throw failure
    }
  }
}
