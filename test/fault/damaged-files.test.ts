/**
 * Files are damaged in every way, at random places: whatever opens afterwards is either exactly what was stored, or an
 * error that names file and place. Silence with wrong data is the one outcome that must not be.
 */
import { describe, expect, test } from 'vitest'
import { CorruptionError, DynafileError } from '../../src/errors.js'
import { COMPRESSIONS, hasCompression } from '../../src/storage/codec/block-codec.js'
import { checkIntegrity } from '../../src/storage/integrity-check.js'
import { SeededRandom } from '../support/random.js'
import { contents, filesOf, type Machine, machine, openStorage, put, restarted } from '../support/storage-fixture.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 600)

type Damage = (bytes: Buffer, random: SeededRandom) => Buffer
const DAMAGES: Record<string, Damage> = {
  'a flipped bit': (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    return bytes
  },
  'a zeroed sector': (bytes, random) => {
    const at = random.below(bytes.length + 1)
    return bytes.fill(0, at, Math.min(bytes.length, at + 512))
  },
  'a sector of garbage': (bytes, random) => {
    const at = random.below(bytes.length + 1)
    Buffer.from(random.bytes(64)).copy(bytes, at)
    return bytes
  },
  'a lost end': (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  'an emptied file': () => Buffer.alloc(0),
}

describe.each(Object.keys(DAMAGES))('%s', (name) => {
  test('is noticed, or does no harm', async () => {
    for (let seed = 1; seed <= ROUNDS / 5; seed++) {
      const { where, expected } = await filledDatabase(seed)
      const random = new SeededRandom(seed * 7919)
      const files = filesOf(where.disk).filter((path) => !/EPOCH|lock/.test(path))
      const path = random.pick(files)
      where.disk.damage(path, (bytes) => DAMAGES[name]!(bytes, random))
      checkNoSilence(where, expected, `${name} in ${path}, seed ${seed}`)
    }
  })
})

test('a removed file is noticed, or does no harm', async () => {
  for (let seed = 1; seed <= ROUNDS / 5; seed++) {
    const { where, expected } = await filledDatabase(seed)
    const path = new SeededRandom(seed * 7919).pick(filesOf(where.disk))
    where.disk.remove(path)
    checkNoSilence(where, expected, `${path} removed, seed ${seed}`)
  }
})

test('a sorted file under the name of another is noticed', async () => {
  for (let seed = 1; seed <= ROUNDS / 20; seed++) {
    const { where, expected } = await filledDatabase(seed)
    const sorted = filesOf(where.disk).filter((path) => path.endsWith('.run'))
    if (sorted.length < 2) continue
    const random = new SeededRandom(seed)
    const [from, to] = [random.pick(sorted), random.pick(sorted)]
    let stolen = Buffer.alloc(0)
    where.disk.damage(from, (bytes) => (stolen = Buffer.from(bytes)))
    where.disk.damage(to, () => stolen)
    checkNoSilence(where, expected, `${from} under the name ${to}, seed ${seed}`)
  }
})

test('damage names file and byte, and nothing is changed', async () => {
  const { where } = await filledDatabase(3)
  const path = filesOf(where.disk).find((name) => name.endsWith('.run'))!
  where.disk.damage(path, (bytes) => {
    bytes[150]! ^= 1
    return bytes
  })
  const storage = openStorage(where)
  const [problem] = [...checkIntegrity(storage)]
  expect(problem).toBeInstanceOf(CorruptionError)
  expect(problem).toMatchObject({ file: path, byteOffset: 128, code: 'CORRUPTION' })
  expect(() => contents(storage)).toThrow(CorruptionError)
})

/** Some commits in files, some in the log only; closed, or killed. */
async function filledDatabase(seed: number): Promise<{ where: Machine; expected: Record<string, string> }> {
  const where = machine(seed)
  const random = new SeededRandom(seed)
  const storage = openStorage(where, { compression: random.pick(COMPRESSIONS.filter(hasCompression)) })
  const expected: Record<string, string> = {}
  for (let i = 0; i < 30; i++) {
    const key = `key-${random.below(25)}`
    expected[key] = `value ${i} `.repeat(random.below(12) + 1)
    await where.scheduler.outcome(storage.commit([put(key, expected[key])]))
    if (random.chance(0.08)) await where.scheduler.outcome(storage.checkpoint())
  }
  if (random.chance(0.5)) await where.scheduler.outcome(storage.close())
  return { where: restarted(where, 'kill'), expected: Object.fromEntries(Object.entries(expected).sort()) }
}

function checkNoSilence(where: Machine, expected: Record<string, string>, what: string): void {
  let found: Record<string, string>
  try {
    found = contents(openStorage(where))
  } catch (failure) {
    expect(failure, what).toBeInstanceOf(DynafileError)
    return
  }
  expect(found, what).toEqual(expected)
}
