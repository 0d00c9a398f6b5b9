/**
 * A database that is served over HTTP, with what may be asked for besides: tables to begin with, delays of their states,
 * faults on purpose. Each server has its own; the database behind them is one.
 */
import type { Backend } from '../backend.js'
import type { Clock } from '../base/clock.js'
import { systemScheduler } from '../base/scheduler.js'
import { Dispatcher } from './dispatcher.js'
import { type FaultOptions, FaultyPerformer } from './faults.js'
import type { Performer } from './performer.js'
import { type SeedReport, type SeedTable, seed } from './seed.js'
import { checkServeOptions } from './serve-rules.js'
import { type ListeningServer, type ListenOptions, listen } from './server.js'
import { createService, type ServiceOptions } from './service.js'
import { operationsByName } from './shape/operations.js'

export interface ServeOptions extends ListenOptions, Pick<ServiceOptions, 'accountId' | 'tableDelayMs'> {
  /**
   * Tables to begin with, as CreateTable takes them, each with its items as `data` or `Items`. Those that are there already
   * stay as they are, but for those that an earlier seed was interrupted in: they are begun again.
   *
   * @default none
   */
  readonly seed?: readonly SeedTable[] | undefined
  /**
   * What a program has to be ready for on Amazon DynamoDB.
   *
   * @default none
   */
  readonly faults?: FaultOptions | undefined
}

export interface Server extends ListeningServer {
  /** What became of the tables to begin with, if there were any. */
  readonly seeded: SeedReport | undefined
  /**
   * Creates tables that are not there, with their items; no fault is in its way.
   *
   * @throws {AwsError} What CreateTable and BatchWriteItem refuse.
   */
  seed(tables: readonly SeedTable[]): Promise<SeedReport>
}

/**
 * Seeds, then listens, and resolves when it does.
 *
 * @throws {ValidationException} `OPTION`: nothing was seeded.
 */
export async function serveDatabase(backend: Backend, clock: Clock, options: ServeOptions = {}): Promise<Server> {
  checkServeOptions(options)
  const { seed: tables, faults, region, accountId, tableDelayMs, ...listening } = options
  // Where it listens is known when it does; nobody can ask before.
  let server: ListeningServer | undefined
  const account = {
    clock,
    endpoint: () => (server === undefined ? 'localhost' : new URL(server.url).host),
    ...(region === undefined ? {} : { region }),
    ...(accountId === undefined ? {} : { accountId }),
  }
  const service = createService(backend, { ...account, ...(tableDelayMs === undefined ? {} : { tableDelayMs }) })
  // A seed does not wait for what the server only makes believe.
  const bed = { performer: checkedPerformer(createService(backend, { ...account, isSeeding: true })), backend }
  const sow = (wanted: readonly SeedTable[]) => seed(bed, wanted)
  const performer = faults === undefined ? service : new FaultyPerformer(service, faults, systemScheduler)
  const seeded = tables === undefined ? undefined : await sow(tables)
  server = await listen(performer, region === undefined ? listening : { ...listening, region })
  return Object.assign(server, { seeded, seed: sow })
}

/** Looks at what it is given as closely as at a request that was sent. */
function checkedPerformer(performer: Performer): Performer {
  const dispatcher = new Dispatcher(performer)
  return {
    async perform(name, input) {
      const operation = operationsByName.get(name)!
      return dispatcher.perform(operation, dispatcher.accept(operation, input))
    },
  }
}
