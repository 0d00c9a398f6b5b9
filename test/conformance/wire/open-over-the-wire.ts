/** A database whose every request goes through the AWS door: an engine, a server in front of it, and a client of that. */
import type { Backend } from '../../../src/backend.js'
import { type Clock, systemClock } from '../../../src/base/clock.js'
import { OpenDatabase, openBackend } from '../../../src/database.js'
import type { Database, OpenOptions } from '../../../src/index.js'
import { listen } from '../../../src/server/server.js'
import { createService } from '../../../src/server/service.js'
import { DynamoDbClient } from './dynamodb-client.js'
import { WireBackend } from './wire-backend.js'
import { WireCursors } from './wire-cursor.js'

export interface WireConnection {
  readonly backend: Backend
  /** Ends the server; the engine is closed with the backend. */
  readonly end: () => Promise<void>
}

/** @param secret What cursors are sealed with: where it is the same, those of before go on. */
export async function connectOverTheWire(
  engine: Backend,
  secret: string,
  clock: Clock = systemClock,
): Promise<WireConnection> {
  const server = await listen(createService(engine, { clock }), { port: 0, closeTimeoutMs: 100 })
  const client = new DynamoDbClient(server.url)
  return { backend: new WireBackend({ client, engine, cursors: new WireCursors(secret) }), end: () => server.close() }
}

export async function openOverTheWire(folder: string, options: OpenOptions = {}): Promise<Database> {
  const { backend: engine, clock, release } = await openBackend(folder, options)
  const { backend, end } = await connectOverTheWire(engine, folder, clock)
  return new OpenDatabase(folder, backend, clock, async () => {
    await end()
    await release()
  })
}
