/**
 * Runs the door's benchmark: in each round every server is started, asked and ended, one after the other, and the order
 * turns around from round to round. So do the SDK's ways in.
 */
import type { Arguments } from '../arguments.js'
import { inChild, type Told } from '../child-process.js'
import { orderOf, type Run, say } from '../running.js'
import { median } from '../statistics.js'
import { inFolder } from '../workload/folder.js'
import type { DoorTask } from './door-load.js'
import { DOOR_ROWS, type DoorColumn, SERVERS, type ServerName, WAYS, type WayName } from './door-rows.js'
import { ITEM_COUNT } from './requests.js'
import { type ServerProcess, startServer } from './server-process.js'

/** What it needs besides what the project has. */
export const DOOR_PACKAGES = ['dynalite', '@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'] as const

/** In each round; the last one stays. */
const STARTS = 3

export async function runDoor({ rounds, effort, isQuick }: Arguments, run: Run): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const keep = (column: DoorColumn) => keepingFor(column, { round, isQuick }, run)
    for (const server of orderOf(round, SERVERS)) {
      say(`the AWS door, round ${round} of ${rounds}: ${server}`)
      await loadServer(server, effort, keep(server))
    }
    for (const way of orderOf(round, WAYS)) {
      say(`the AWS door, round ${round} of ${rounds}: the SDK through ${way}`)
      await loadWay(way, effort, keep(way))
    }
  }
}

async function loadServer(server: ServerName, effort: number, keep: Keep): Promise<void> {
  const starts: number[] = []
  for (let i = 1; i < STARTS; i++) await withServer(server, async ({ startMs }) => void starts.push(startMs))
  await withServer(server, async ({ startMs, port, pid }) => {
    keep({ row: 'start', slices: [...starts, startMs] })
    const task: DoorTask = { doorLoad: { load: 'wire', server, port, pid, effort } }
    await inChild(task, `the load of ${server}`, keep)
  })
}

async function loadWay(way: WayName, effort: number, keep: Keep): Promise<void> {
  const load = (port: number) => {
    const task: DoorTask = { doorLoad: { load: 'sdk', way, port, effort } }
    return inChild(task, `the load through ${way}`, keep)
  }
  if (way === 'http') await withServer('dynafile', ({ port }) => load(port))
  // Nobody listens there: what were sent would fail.
  else await load(1)
}

async function withServer(name: ServerName, work: (server: ServerProcess) => Promise<void>): Promise<void> {
  await inFolder(async (directory) => {
    const server = await startServer(name, directory)
    try {
      await work(server)
    } finally {
      await server.stop()
    }
  })
}

type Keep = (told: Told) => void

function keepingFor(
  store: DoorColumn,
  { round, isQuick }: { round: number; isQuick: boolean },
  { startedAt, command, machine, keep }: Run,
): Keep {
  return ({ row, slices, value = median(slices) }) => {
    const unit = DOOR_ROWS.find(({ id }) => id === row)?.unit
    if (unit === undefined) throw new Error(`No row is called "${row}"`)
    const what = { isQuick, kind: 'door' as const, store, items: ITEM_COUNT, round, row, unit, value, slices }
    keep({ run: startedAt.toISOString(), command, ...what, machine })
  }
}
