#!/usr/bin/env node
/**
 * The process `dynafile`: hands `run` its arguments and streams, and ends with the exit code that comes back. The first
 * interruption (ctrl-C) ends the command in order, with the database closed; a second one ends the process at once.
 */
import { createRequire } from 'node:module'

// Commander is CommonJS: bundled into an ES module, which has no `require`, it still asks for Node's own modules.
Object.assign(globalThis, { require: createRequire(import.meta.url) })
const { run } = await import('./run.js')

const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())

process.exitCode = await run(process.argv.slice(2), process, interruption.signal)
// A terminal or a pipe that nobody reads any more would keep the process alive.
process.stdin.unref?.()
