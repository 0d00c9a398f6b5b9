/** An engine in memory that looks after itself: at the end of the test everything in it is verified. */
import { expect, onTestFinished } from 'vitest'
import type { Backend } from '../../src/backend.js'
import { openBackend } from '../../src/database.js'
import type { Clock } from '../../src/index.js'

export async function temporaryBackend(clock: Clock): Promise<Backend> {
  const { backend, release } = await openBackend('memory:', { clock })
  onTestFinished(async () => {
    expect((await backend.verify()).problems).toEqual([])
    await backend.close()
    await release()
  })
  return backend
}
