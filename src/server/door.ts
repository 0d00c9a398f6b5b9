/**
 * The AWS door of one database, assembled: what performs, what checks, what speaks. Databases load it when the first request
 * comes; opening one does not pay for it.
 */
import type { Backend } from '../backend.js'
import type { Clock } from '../base/clock.js'
import { systemScheduler } from '../base/scheduler.js'
import { Dispatcher } from './dispatcher.js'
import { type FaultOptions, FaultyPerformer } from './faults.js'
import { fetchHandler } from './fetch-handler.js'
import type { Performer } from './performer.js'
import { type ServeOptions, type Server, serve } from './server.js'
import { createService } from './service.js'
import { WireProtocol } from './wire-protocol.js'

export interface Door {
  readonly dispatcher: Dispatcher
  /** For who is in this process: it looks at no credentials. */
  readonly protocol: WireProtocol
  serve(options?: DoorServeOptions): Promise<Server>
  fetch(request: Request): Promise<Response>
}

export interface DoorServeOptions extends ServeOptions {
  /** The region that ARNs name. @default 'us-east-1' */
  readonly region?: string
  /** For how long tables are said to be created, changed and deleted, which they are at once. @default 0 */
  readonly tableDelayMs?: number
  /** What goes wrong on purpose. @default nothing */
  readonly faults?: FaultOptions
}

export function doorOf(backend: Backend, { clock }: { readonly clock: Clock }): Door {
  const shared = createService(backend, { clock })
  return doorTo(shared, ({ region, tableDelayMs, faults }) => {
    if (region === undefined && tableDelayMs === undefined && faults === undefined) return shared
    const service = createService(backend, {
      ...{ clock, ...(region === undefined ? {} : { region }) },
      ...(tableDelayMs === undefined ? {} : { tableDelayMs }),
    })
    return faults === undefined ? service : new FaultyPerformer(service, faults, systemScheduler)
  })
}

/** @param performerFor Who performs what a server is asked that was given options. */
export function doorTo(
  performer: Performer,
  performerFor: (options: DoorServeOptions) => Performer = () => performer,
): Door {
  const dispatcher = new Dispatcher(performer)
  const protocol = new WireProtocol(dispatcher)
  return {
    dispatcher,
    protocol,
    serve: async (options = {}) => serve(performerFor(options), options),
    fetch: fetchHandler(protocol),
  }
}
