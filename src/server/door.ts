/**
 * The AWS door of one database, assembled: what performs, what checks, what speaks. Databases load it when the first request
 * comes; opening one does not pay for it.
 */
import type { Backend } from '../backend.js'
import type { Clock } from '../base/clock.js'
import { Dispatcher } from './dispatcher.js'
import { fetchHandler } from './fetch-handler.js'
import { type ServeOptions, type Server, serveDatabase } from './served-database.js'
import { createService } from './service.js'
import { WireProtocol } from './wire-protocol.js'

export interface Door {
  readonly dispatcher: Dispatcher
  /** For who is in this process: it looks at no credentials. */
  readonly protocol: WireProtocol
  serve(options?: ServeOptions): Promise<Server>
  fetch(request: Request): Promise<Response>
}

export function doorOf(backend: Backend, { clock }: { readonly clock: Clock }): Door {
  const dispatcher = new Dispatcher(createService(backend, { clock }))
  const protocol = new WireProtocol(dispatcher)
  return {
    dispatcher,
    protocol,
    serve: (options) => serveDatabase(backend, clock, options),
    fetch: fetchHandler(protocol),
  }
}
