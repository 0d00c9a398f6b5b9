/** What a thread writes is what this thread would have written, and whatever becomes of it, nothing is lost or left. */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Scheduler, systemScheduler } from '../../../../src/base/scheduler.js'
import { FencedError, WriteFailedError } from '../../../../src/errors.js'
import type { Storage } from '../../../../src/storage/storage.js'
import type { StorageOptions } from '../../../../src/storage/storage-options.js'
import { SeededRandom } from '../../../support/random.js'
import { contents, put } from '../../../support/storage-fixture.js'
import { filesBelow, temporaryFolder } from '../../../support/temporary-database.js'
import { openThreaded, type ThreadedStorage } from '../../../support/threaded-storage.js'

const worker = vi.hoisted(() => ({ code: '', isFromSources: false }))
vi.mock('../../../../src/storage/writer-thread/worker-file.js', async (original) => {
  const { workerFile } = await original<typeof import('../../../../src/storage/writer-thread/worker-file.js')>()
  const { builtWorker } = await import('../../../support/built-worker.js')
  const built = await builtWorker('storage/writer-thread/writer-worker')
  return {
    get workerFile() {
      if (worker.code !== '') return new URL(`data:text/javascript,${encodeURIComponent(worker.code)}`)
      return worker.isFromSources ? workerFile : built
    },
  }
})

/** Workers that were started. */
const started = vi.hoisted(() => [] as import('node:worker_threads').Worker[])
vi.mock('node:worker_threads', async (original) => {
  const threads = await original<typeof import('node:worker_threads')>()
  class NotedWorker extends threads.Worker {
    constructor(...options: ConstructorParameters<typeof threads.Worker>) {
      super(...options)
      started.push(this)
    }
  }
  return { ...threads, Worker: NotedWorker }
})

/** A storage in a folder of its own, closed at the end of the test. */
function opened(options: Partial<StorageOptions> = {}, scheduler?: Scheduler): ThreadedStorage & { folder: string } {
  const folder = path.join(temporaryFolder(), 'db')
  const threaded = openThreaded(folder, options, scheduler)
  onTestFinished(() => threaded.storage.close().catch(() => {}))
  return Object.assign(threaded, { folder })
}

/** Writes and removes at random, in one tree and another, and moves it all to files now and then. */
async function work(storage: Storage, { seed = 1, rounds = 6 } = {}): Promise<Record<string, string>> {
  const random = new SeededRandom(seed)
  const expected: Record<string, string> = {}
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 1500; n++) {
      const key = `key ${round % 3 === 0 ? round * 1500 + n : random.below(6000)}`
      const isGone = random.chance(0.1)
      const value = isGone ? undefined : Buffer.from(`${n} `.padEnd(random.below(600), '.'))
      if (value === undefined) delete expected[key]
      else expected[key] = value.toString()
      void storage.commit([
        { tree: 1, key, value },
        { tree: 2, key, value: Buffer.from('2') },
      ])
    }
    await storage.flush()
    await storage.checkpoint()
    expect(contents(storage)).toEqual(Object.fromEntries(Object.entries(expected).sort(byKey)))
  }
  return expected
}

const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)

/** The sorted files, by their paths in the folder. */
function sortedFiles(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(filesBelow(folder)).filter(([name]) => name.startsWith('t/')))
}

describe('files that a thread writes', () => {
  test.each(['none', 'deflate'] as const)('are those that this thread writes (%s)', async (compression) => {
    const [there, here] = [
      opened({ compression }),
      opened({ compression, threadFromByteLength: Number.POSITIVE_INFINITY }),
    ]
    for (const { storage } of [there, here]) {
      await work(storage)
      await storage.compact()
    }
    const files = sortedFiles(there.folder)
    expect(Object.keys(files).length).toBeGreaterThan(3)
    expect(files).toEqual(sortedFiles(here.folder))
    const [one, other] = [there.storage.totals(), here.storage.totals()]
    expect(one.threadWrittenFileByteLength).toBe(one.writtenFileByteLength)
    expect(other.threadWrittenFileByteLength).toBe(0)
    expect(one).toMatchObject({ foldCount: other.foldCount, writtenFileByteLength: other.writtenFileByteLength })
  })

  test('and so they are when it runs from the sources', async () => {
    worker.isFromSources = true
    onTestFinished(() => {
      worker.isFromSources = false
    })
    const { storage } = opened()
    await work(storage, { rounds: 1 })
    expect(storage.totals().hasThread).toBe(true)
  })

  test('from when on there is one', async () => {
    const { storage } = opened({ threadFromByteLength: 1_000_000 })
    await work(storage, { rounds: 1 })
    expect(storage.totals().hasThread).toBe(false)
    await work(storage, { rounds: 3 })
    expect(storage.totals().hasThread).toBe(true)
  })

  test('it goes when there is nothing to do for a while, and comes again', async () => {
    const later: (() => void)[] = []
    const after = (delayMs: number, task: () => void) => {
      if (delayMs !== 10_000) return systemScheduler.after(delayMs, task)
      later.push(task)
      return { cancel: () => void later.splice(later.indexOf(task), 1) }
    }
    const { storage } = opened({}, { ...systemScheduler, after })
    await work(storage, { rounds: 1 })
    expect([storage.totals().hasThread, later.length]).toEqual([true, 1])
    later[0]!()
    expect(storage.totals().hasThread).toBe(false)
    await work(storage, { rounds: 1, seed: 2 })
    expect(storage.totals().hasThread).toBe(true)
  })

  test('none is started for what is written when the database is closed', async () => {
    const { storage } = opened()
    for (let n = 0; n < 1000; n++) void storage.commit([put(`key ${n}`, 'x'.repeat(500))])
    await storage.flush()
    const closing = storage.close()
    let hadThread = false
    const look = setInterval(() => {
      hadThread ||= storage.totals().hasThread
    }, 0)
    await closing
    clearInterval(look)
    expect(hadThread).toBe(false)
  })
})

describe('a thread that', () => {
  /** Answers by the words it hears; `NAMES` of them are names of files. */
  const PUPPET = `
    import { parentPort } from 'node:worker_threads'
    import fs from 'node:fs'
    let task
    parentPort.on('message', (word) => {
      if (word.kind === 'end') return parentPort.close()
      if (word.kind === 'write') {
        task = word.task
        parentPort.postMessage({ kind: 'name a file', isFirst: true })
      }
      if (word.kind === 'name') {
        const { partition, file } = word.name
        const path = task.settings.root + '/t/' + task.plan.tree + '/' + partition + '/' + file + '.run'
        fs.writeFileSync(path, 'half')
        fs.writeFileSync(path + '.tmp', 'half')
        THEN
      }
      if (word.kind === 'give up') GIVE_UP
    })`
  const puppet = (then: string, giveUp = 'undefined') => {
    worker.code = PUPPET.replace('THEN', then).replace('GIVE_UP', giveUp)
    onTestFinished(() => {
      worker.code = ''
    })
  }

  /** Nothing half written is there, and everything that was committed. */
  const expectSound = async (storage: Storage, folder: string, expected: Record<string, string>) => {
    const known = [...storage.partitions.all()].flatMap(({ files }) =>
      files.map((file) => path.relative(folder, file.path)),
    )
    expect(Object.keys(sortedFiles(folder)).sort()).toEqual(known.sort())
    await storage.close()
    const again = openThreaded(folder)
    expect(contents(again.storage)).toEqual(Object.fromEntries(Object.entries(expected).sort(byKey)))
    await again.storage.close()
  }

  test.each([
    ['ends by itself', 'process.exit(3)'],
    ['closes its port', 'parentPort.close()'],
    ['throws', "throw new Error('out of luck')"],
  ])('%s is not started again, and this thread writes', async (_, death) => {
    puppet(death)
    const { storage, folder } = opened()
    const expected = await work(storage, { rounds: 3 })
    expect(storage.totals()).toMatchObject({ hasThread: false, threadWrittenFileByteLength: 0 })
    await expectSound(storage, folder, expected)
  })

  test('can not be started: this thread writes', async () => {
    worker.code = "import 'nowhere'"
    onTestFinished(() => {
      worker.code = ''
    })
    const { storage, folder } = opened()
    const expected = await work(storage, { rounds: 3 })
    await expectSound(storage, folder, expected)
  })

  test('says what can not be read is told to end, and this thread writes', async () => {
    puppet('undefined')
    const { storage, folder } = opened()
    await storage.commit([put('a', '1')])
    const checkpoint = storage.checkpoint()
    await vi.waitFor(() => expect(Object.keys(sortedFiles(folder))).toHaveLength(2))
    // Nothing that the worker has can't be read here: only Node can tell that.
    started.at(-1)!.emit('messageerror', new Error('unreadable'))
    await checkpoint
    expect(storage.totals()).toMatchObject({ hasThread: false, threadWrittenFileByteLength: 0 })
    await expectSound(storage, folder, { a: '1' })
  })

  test('lives, but can not be told what to write, is ended, and this thread writes', async () => {
    const { storage, folder } = opened()
    const expected = await work(storage, { rounds: 1 })
    const worker = started.at(-1)!
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage = () => {
      throw new DOMException('it can not be cloned', 'DataCloneError')
    }
    await storage.commit([put('key 0', 'new')])
    await storage.checkpoint()
    // Not by itself: that is 0.
    expect(await ended).toBe(1)
    expect(storage.totals().hasThread).toBe(false)
    await expectSound(storage, folder, { ...expected, 'key 0': 'new' })
  })

  test('finds no space says so: reads go on, writes are refused until there is some', async () => {
    const failure = `{ type: undefined, name: 'Error', message: 'ENOSPC: no space left on device', stack: undefined,
      cause: undefined, fields: { code: 'ENOSPC', syscall: 'write' } }`
    puppet(`parentPort.postMessage({ kind: 'failure', failure: ${failure} })`)
    const { storage } = opened()
    await storage.commit([put('a', '1')])
    await expect(storage.checkpoint()).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(() => storage.commit([put('b', '2')])).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
    expect(contents(storage)).toEqual({ a: '1' })
  })

  test('can not write for another reason stops all writing', async () => {
    const { storage, folder } = opened()
    // Its name is taken by something that can't be removed.
    const taken = path.join(folder, 't/1/1/2.run.tmp')
    fs.mkdirSync(taken, { recursive: true })
    await storage.commit([put('a', '1')])
    await expect(storage.checkpoint()).rejects.toThrow(/2\.run\.tmp/)
    expect(storage.totals().hasThread).toBe(true)
    expect(() => storage.commit([put('b', '2')])).toThrow(WriteFailedError)
    expect(contents(storage)).toEqual({ a: '1' })
  })

  /** A checkpoint for which the puppet has made its files. */
  const underWay = async ({ storage, folder }: { storage: Storage; folder: string }) => {
    await storage.commit([put('a', '1')])
    const checkpoint = storage.checkpoint()
    checkpoint.catch(() => {})
    await vi.waitFor(() => expect(Object.keys(sortedFiles(folder))).toHaveLength(2))
    return { checkpoint }
  }

  const GAVE_UP = "{ kind: 'failure', failure: { message: 'gave up', fields: {} } }"
  const WROTE_ALL = "{ kind: 'written', pieces: [] }"
  const GO_ON = "setInterval(() => parentPort.postMessage({ kind: 'may I go on' }), 1).unref()"

  test.each([
    ['in time', GAVE_UP],
    ['when it had written all', WROTE_ALL],
  ])('hears %s that writing has failed meanwhile: what it wrote is removed', async (_, answer) => {
    puppet(GO_ON, `parentPort.postMessage(${answer})`)
    const threaded = opened()
    const { storage, folder } = threaded
    const { checkpoint } = await underWay(threaded)
    const log = path.join(folder, 'wal')
    vi.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
      throw Object.assign(new Error(`EIO: i/o error, ${log}`), { code: 'EIO' })
    })
    await expect(storage.commit([put('b', '2')])).rejects.toThrow(WriteFailedError)
    await expect(checkpoint).rejects.toThrow(WriteFailedError)
    expect(sortedFiles(folder)).toEqual({})
  })

  test.each([
    ['in time', GAVE_UP],
    ['when it had written all', WROTE_ALL],
  ])('hears %s that the folder is another process’s now: nothing is removed there', async (_, answer) => {
    puppet(GO_ON, `parentPort.postMessage(${answer})`)
    const threaded = opened()
    const { folder } = threaded
    const { checkpoint } = await underWay(threaded)
    threaded.isHeld = false
    await expect(checkpoint).rejects.toThrow(FencedError)
    expect(Object.keys(sortedFiles(folder))).toHaveLength(2)
  })

  test.each([
    ['finds no space', "{ code: 'ENOSPC', syscall: 'write' }"],
    ['finds its file gone', "{ code: 'ENOENT', syscall: 'rename' }"],
  ])('%s in a folder that is another process’s now: that is the error, and nothing is removed', async (_, fields) => {
    const failure = `{ message: 'it failed', fields: ${fields} }`
    const tell = `parentPort.postMessage({ kind: 'failure', failure: ${failure} })`
    puppet(`setInterval(() => fs.existsSync(task.settings.root + '/fenced') && ${tell}, 1).unref()`)
    const threaded = opened()
    const { folder } = threaded
    const { checkpoint } = await underWay(threaded)
    threaded.isHeld = false
    fs.writeFileSync(path.join(folder, 'fenced'), '')
    await expect(checkpoint).rejects.toThrow(FencedError)
    expect(Object.keys(sortedFiles(folder))).toHaveLength(2)
  })
})

test('it gives no file its name in a folder that became another process’s while the file was synced', async () => {
  const threaded = opened()
  const { storage, folder } = threaded
  for (let n = 0; n < 1000; n++) void storage.commit([put(`key ${n}`, 'x'.repeat(1000))])
  await storage.flush()
  const checkpoint = storage.checkpoint()
  checkpoint.catch(() => {})
  await vi.waitFor(() => expect(Object.keys(sortedFiles(folder))).not.toEqual([]), { interval: 1 })
  threaded.isHeld = false
  await expect(checkpoint).rejects.toThrow(FencedError)
  expect(Object.keys(sortedFiles(folder)).filter((name) => name.endsWith('.run'))).toEqual([])
})

test('a base that is damaged is found by the thread, too: what is new lies above it', async () => {
  const { storage, folder } = opened({ smallBaseByteLength: 10_000_000 })
  for (let n = 0; n < 300; n++) void storage.commit([put(`key ${n}`, 'x'.repeat(100))])
  await storage.flush()
  await storage.checkpoint()
  const [base] = Object.keys(sortedFiles(folder))
  const bytes = fs.readFileSync(path.join(folder, base!))
  bytes[100] = bytes[100]! ^ 1
  fs.writeFileSync(path.join(folder, base!), bytes)
  await storage.commit([put('key 1', 'new')])
  await storage.checkpoint()
  expect(storage.totals().hasThread).toBe(true)
  expect(storage.partitions.of(1)[0]!.record.deltas.length).toBe(1)
  expect(Buffer.from(storage.get(1, 'key 1')!).toString()).toBe('new')
  expect(() => storage.get(1, 'key 0')).toThrow(
    expect.objectContaining({ code: 'CORRUPTION', file: path.join(folder, base!) }),
  )
})
