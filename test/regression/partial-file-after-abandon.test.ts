/**
 * An export that failed at once removed its partial file before the system had made it, and so left it behind: now and
 * then, depending on who was faster.
 */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { FileSink } from '../../src/cli/format/file-sink.js'
import { temporaryFolder } from '../support/temporary-database.js'

test('an export that fails at once leaves no partial file behind', async () => {
  const folder = temporaryFolder()
  const sinks = Array.from({ length: 100 }, (_, n) => new FileSink(path.join(folder, `${n}.jsonl`)))
  await Promise.all(sinks.map((sink) => sink.abandon()))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(fs.readdirSync(folder)).toEqual([])
})

test('one that could not even begin does not wait for ever', async () => {
  const sink = new FileSink(path.join(temporaryFolder(), 'no', 'orders.jsonl'))
  await sink.write('x').catch(() => {})
  await sink.abandon()
})
