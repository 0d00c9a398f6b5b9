/**
 * Runs the door's benchmark: in each round every server is started, asked and ended, one after the other, and the order
 * turns around from round to round. So do the SDK's ways in.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Arguments } from '../arguments.js'
import { orderOf, type Run, say, type Told } from '../running.js'
import { median } from '../statistics.js'
import { inFolder } from '../workload/folder.js'
import type { Tell } from '../workload/workload.js'
import { DOOR_ROWS, type DoorColumn, SERVERS, type ServerName, WAYS, type WayName } from './door-rows.js'
import { ITEM_COUNT } from './requests.js'
import type { SdkLoadOptions } from './sdk-load.js'
import { type ServerProcess, startServer } from './server-process.js'
import type { WireLoadOptions } from './wire-load.js'

/** What a child is asked to do. */
export type DoorLoad = ({ readonly load: 'wire' } & WireLoadOptions) | ({ readonly load: 'sdk' } & SdkLoadOptions)

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
    await inChild({ load: 'wire', server, port, pid, effort }, keep)
  })
}

async function loadWay(way: WayName, effort: number, keep: Keep): Promise<void> {
  if (way === 'http') await withServer('dynafile', ({ port }) => inChild({ load: 'sdk', way, port, effort }, keep))
  // Nobody listens there: what were sent would fail.
  else await inChild({ load: 'sdk', way, port: 1, effort }, keep)
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

/** In the child. The SDK is loaded where it is needed, and what measures servers does without. */
export async function runDoorLoad(load: DoorLoad, tell: Tell): Promise<void> {
  if (load.load === 'wire') await (await import('./wire-load.js')).loadOverWire(load, tell)
  else await (await import('./sdk-load.js')).loadThroughSdk(load, tell)
}

function inChild(load: DoorLoad, hear: (told: Told) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('../main.ts', import.meta.url)), ['--door-load', JSON.stringify(load)], {
      // The SDK warns of what it will not run on in years to come.
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    child.on('message', (message) => hear(message as Told))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`The load of ${load.load === 'wire' ? load.server : load.way} ended with code ${code}`))
    })
  })
}
