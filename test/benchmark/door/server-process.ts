/** A server in a process of its own: started from its command line, as its users start it, and ended for good. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServerName } from './door-rows.js'
import { answerLengths, LIST_TABLES, requestBytes } from './requests.js'
import { WireConnection } from './wire-connection.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const CLI = path('../../../dist/cli.js')
const DYNALITE = path('../node_modules/dynalite/cli.js')
const BARE = path('bare-server.mjs')

/** Between attempts to connect. */
const POLL_MS = 2
const START_LIMIT_MS = 60_000

export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** From the start of the process to its first answer. */
  readonly startMs: number
  stop(): Promise<void>
}

export async function startServer(name: ServerName, directory: string): Promise<ServerProcess> {
  const port = await freePort()
  const args = argumentsOf(name, port, directory)
  const request = requestBytes(LIST_TABLES)
  const started = process.hrtime.bigint()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await firstAnswer(child, port, request)
  } catch (failure) {
    child.kill('SIGKILL')
    throw failure
  }
  const startMs = Number(process.hrtime.bigint() - started) / 1e6
  return { port, pid: child.pid!, startMs, stop: () => stop(child) }
}

function argumentsOf(name: ServerName, port: number, directory: string): string[] {
  switch (name) {
    case 'dynafile':
      return [CLI, 'serve', '--memory', '--port', String(port)]
    case 'dynafile, folder':
      return [CLI, 'serve', directory, '--port', String(port)]
    case 'dynalite':
      return [DYNALITE, '--host', '127.0.0.1', '--port', String(port)]
    case 'dynalite, folder':
      return [DYNALITE, '--host', '127.0.0.1', '--port', String(port), '--path', directory]
    case 'node:http':
      return [BARE, String(port), JSON.stringify(answerLengths())]
  }
}

async function firstAnswer(child: ChildProcess, port: number, request: Uint8Array): Promise<void> {
  const latest = Date.now() + START_LIMIT_MS
  while (Date.now() < latest) {
    if (child.exitCode !== null) throw new Error(`The server ended with code ${child.exitCode}`)
    const connection = await WireConnection.open(port).catch(() => undefined)
    if (connection === undefined) {
      await sleep(POLL_MS)
      continue
    }
    const { status } = await connection.ask(request)
    connection.close()
    if (status !== 200) throw new Error(`The server's first answer is ${status}`)
    return
  }
  throw new Error('The server does not start')
}

/** Without asking: nothing it holds is wanted any more, and one that says goodbye takes its time. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

/** Nobody else is likely to take it before the server does. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** @returns Nothing where the system does not tell. */
export function residentMbOf(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(procFile(pid, 'status'))?.[1]
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6
}

/** The ticks that Linux counts in, wherever Node runs. */
const TICKS_PER_SECOND = 100

/**
 * Of all its threads, so far, in microseconds: what others on the machine do is not in it.
 *
 * @returns Nothing where the system does not tell.
 */
export function processorMicrosOf(pid: number): number | undefined {
  const text = procFile(pid, 'stat')
  if (text === '') return undefined
  // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6
}

function procFile(pid: number, name: string): string {
  const file = `/proc/${pid}/${name}`
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
