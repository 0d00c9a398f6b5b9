/** A worker that dies is an error: the scan neither waits for it for ever nor goes on without its part. */
import { expect, test, vi } from 'vitest'
import { ReadFailedError, table, type } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

const code = vi.hoisted(() => ({ text: '' }))
vi.mock('../../src/engine/scan/worker-file.js', () => ({
  get workerFile() {
    return new URL(`data:text/javascript,${encodeURIComponent(code.text)}`)
  },
}))

const ANSWER = `
  import { parentPort } from 'node:worker_threads'
  const page = { items: new Uint8Array(), count: 1, scanned: 1, isLast: false }
  let asked = 0
  parentPort.on('message', (question) => {
    if (question.kind === 'end') return parentPort.close()
    asked += 1
    if (asked > 3) DIE
    parentPort.postMessage({ kind: 'page', page })
  })`

test.each([
  ['exits', 'process.exit(3)', /ended by itself, with code 3/],
  ['exits early and in order', 'parentPort.close()', /ended by itself, with code 0/],
  ['throws', 'throw new Error("out of luck")', /out of luck/],
  ['does not start', '', /nowhere/],
])('one that %s', async (_, death, message) => {
  code.text = death === '' ? "import 'nowhere'" : ANSWER.replace('DIE', death)
  const { db } = await temporaryDatabase({ fsync: 'never' })
  const things = db.table(table('things', { schema: type<{ id: string }>(), key: ['id'] }))
  for (let n = 0; n < 20; n++) await things.put({ id: `thing ${n}` })
  await db.checkpoint()
  const failure = await things
    .scan({ workers: 2 })
    .count()
    .catch((reason: unknown) => reason)
  expect(failure).toBeInstanceOf(ReadFailedError)
  expect((failure as Error).message).toMatch(message)
})
