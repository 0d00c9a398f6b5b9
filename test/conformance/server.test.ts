/** The same engine behind the AWS door: everything goes over a socket, as DynamoDB's requests. */
import { onTestFinished } from 'vitest'
import type { Backend } from '../../src/backend.js'
import type { Clock } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'
import { conformance } from './suite.js'
import { temporaryBackend } from './temporary-backend.js'
import { GAPS } from './wire/gaps.js'
import { connectOverTheWire, openOverTheWire } from './wire/open-over-the-wire.js'

// Nothing here is about the disk: it need not be waited for, nor looked at.
const open = (options = {}) =>
  temporaryDatabase({ fsync: 'never', ...options }, { openIt: openOverTheWire, opensAgain: false })

async function openBackend(clock: Clock): Promise<Backend> {
  const { backend, end } = await connectOverTheWire(await temporaryBackend(clock), 'secret', clock)
  onTestFinished(end)
  return backend
}

conformance({ name: 'server', open, openBackend, gaps: GAPS, share: 0.1 })
