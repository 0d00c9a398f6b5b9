/**
 * The rows of the door's benchmark, and what they have to reach: requests over HTTP against other servers, the AWS SDK by
 * its three ways in, and what starting a server takes.
 */
import type { Unit } from '../rows.js'

/** In the order in which they run in odd rounds. */
export const SERVERS = ['dynafile', 'dynalite', 'node:http', 'dynafile, folder', 'dynalite, folder'] as const
export type ServerName = (typeof SERVERS)[number]

/** How an SDK client gets to the database. */
export const WAYS = ['http', 'awsConfig', 'awsPlugin'] as const
export type WayName = (typeof WAYS)[number]

export type DoorColumn = ServerName | WayName

/** Compared with one other column: so many times as fast, or so many units more at most. */
export type DoorBound =
  | { readonly as: DoorColumn; readonly times: number }
  | { readonly as: DoorColumn; readonly plus: number }

export interface DoorRow {
  readonly id: string
  readonly label: string
  readonly unit: Unit
  /** The one that has something to reach. */
  readonly column: DoorColumn
  readonly floor?: DoorBound
  readonly goal?: DoorBound
}

export const CONNECTION_COUNTS = [1, 32] as const

const MEASURED_LABELS = {
  put: 'PutItem',
  get: 'GetItem',
  'query 10': `Query of 10`,
  'batch 25': 'BatchWriteItem of 25',
  'scan 100': 'Scan, a page of 100',
} as const

const RATE_BOUNDS = { floor: { as: 'dynalite', times: 1.5 }, goal: { as: 'node:http', times: 0.6 } } as const
const hasBounds = (id: string): boolean => id === 'put' || id === 'get'

export const rowId = (measured: string, connections: number): string => `${measured}, ${connections}`

/** Microseconds from a request to its answer; nobody else asks. */
export const LATENCY_ROWS: readonly DoorRow[] = Object.entries(MEASURED_LABELS).map(([id, label]) => ({
  ...{ id: rowId(id, 1), label, unit: 'µs', column: 'dynafile' },
}))

/** As many as there are answers to. */
export const RATE_ROWS: readonly DoorRow[] = Object.entries(MEASURED_LABELS).map(([id, label]) => ({
  ...{ id: rowId(id, 32), label, unit: 'requests/s', column: 'dynafile', ...(hasBounds(id) && RATE_BOUNDS) },
}))

/** What the server's process computes for one of them, whatever else the machine does. */
export const PROCESSOR_ROWS: readonly DoorRow[] = Object.entries(MEASURED_LABELS).map(([id, label]) => ({
  ...{ id: `${rowId(id, 32)}, processor`, label, unit: 'µs', column: 'dynafile' },
}))

/** More than the bare server takes. */
const START_ALLOWANCE_MS = 200

export const START_ROWS: readonly DoorRow[] = [
  {
    ...{ id: 'start', label: 'from its start to its first answer, ms', unit: 'ms', column: 'dynafile' },
    goal: { as: 'node:http', plus: START_ALLOWANCE_MS },
  },
  { id: 'memory start', label: 'resident then, MB', unit: 'MB', column: 'dynafile' },
  { id: 'memory loaded', label: 'resident with 20,000 items, MB', unit: 'MB', column: 'dynafile' },
]

const SDK_LABELS = { put: 'PutItem', get: 'GetItem', 'query 10': 'Query of 10' } as const
const SDK_BOUNDS = { floor: { as: 'http', times: 3 }, goal: { as: 'http', times: 6 } } as const

export const sdkRowId = (client: 'client' | 'document', measured: string): string => `sdk ${client}, ${measured}`

const sdkRows = (client: 'client' | 'document'): DoorRow[] =>
  Object.entries(SDK_LABELS).map(([id, label]) => ({
    ...{ id: sdkRowId(client, id), label, unit: 'µs', column: 'awsPlugin', ...SDK_BOUNDS },
  }))

export const SDK_CLIENT_ROWS: readonly DoorRow[] = sdkRows('client')
export const SDK_DOCUMENT_ROWS: readonly DoorRow[] = sdkRows('document')

export const DOOR_ROWS: readonly DoorRow[] = [
  ...LATENCY_ROWS,
  ...RATE_ROWS,
  ...PROCESSOR_ROWS,
  ...START_ROWS,
  ...SDK_CLIENT_ROWS,
  ...SDK_DOCUMENT_ROWS,
]
