/**
 * `db.serve` looked at none of its options: a misspelled port was port 8000, a misspelled fault no fault, a misspelled
 * `readonly` a key that may write; a wrong value failed somewhere inside Node, or listened at something else. `awsConfig` and
 * `verify` took any, too.
 */
import { Server as NetServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { open, type ServeOptions } from '../../src/index.js'
import { temporaryDatabase } from '../support/temporary-database.js'

const KEY = { accessKeyId: 'AKID', secretAccessKey: 'very-secret' }
const ITSELF: unknown[] = []
ITSELF.push(ITSELF)
const SEED = [
  {
    TableName: 'things',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  },
]

async function refusalOf(options: unknown): Promise<Error> {
  await using db = await open('memory:')
  const listen = vi.spyOn(NetServer.prototype, 'listen')
  const refusal = await db.serve(options as ServeOptions).then(
    () => new Error('it was served'),
    (failure: Error) => failure,
  )
  expect(refusal).toMatchObject({ name: 'ValidationException', code: 'OPTION' })
  expect(listen).not.toHaveBeenCalled()
  listen.mockRestore()
  expect(db.tables()).toEqual([])
  return refusal
}

test.each([
  [5, 'its options are an object, not of type number'],
  ['x', 'its options are an object, not of type string'],
  [[], 'its options are an object, not a list'],
  [null, 'its options are an object, not null'],
  [{ port: '8000' }, /"port" is a whole number from 0 to 65535, not "8000"$/],
  [{ prot: 0 }, /there is no option "prot"; there are port, host, .*, onFailure$/],
  [{ faults: { throtle: 1 } }, /there is no option "faults.throtle"; there are faults.seed, faults.throttle, /],
  [
    { auth: [{ ...KEY, readonly: true }] },
    /there is no option "auth\[0\].readonly"; there are auth\[0\].accessKeyId, /,
  ],
  [{ host: '' }, '"host" is the name or the address to listen at, such as 127.0.0.1, not an empty text'],
  [{ faults: 5 }, '"faults" is an object, such as { throttle: 0.1 }, not 5'],
  [{ faults: { throttle: 2 } }, '"faults.throttle" is a share of the requests, from 0 to 1, not 2'],
  [{ cors: [5, ['x']] }, '"cors" is a list of origins, or \'*\', not [5, a list]'],
  [{ auth: ['AKID'] }, '"auth[0]" is an object, not of type string'],
])('%j is refused with what there is', async (options, message) => {
  expect((await refusalOf(options)).message).toMatch(typeof message === 'string' ? `Cannot serve: ${message}` : message)
})

const WRONG: Readonly<Record<keyof ServeOptions, readonly unknown[]>> = {
  port: [-1, 70_000, 1.5, Number.NaN, '8000', 'x.sock', null, () => 0],
  host: [null, 0, true],
  auth: [5, null, KEY, [null], [[]], [{}], [{ accessKeyId: 'AKID' }], [{ ...KEY, secretAccessKey: '' }]],
  cors: [5, null, 'http://a:3000', [5], [''], {}, ITSELF],
  allowHosts: [5, null, 'a', [null], {}],
  region: [5, '', null],
  accountId: [5, '', null],
  seed: [5, null, {}, 'tables.json'],
  tableDelayMs: [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null],
  faults: [null, [], 'all', { seed: 'x' }, { unprocessed: -1 }, { conflict: Number.NaN }, { throttle: '1' }],
  maxConnections: [-1, 0, 1.5, Number.NaN, '5', null],
  maxBodyBytes: [-1, 0, Number.NaN, null],
  maxAnswerBytes: [-1, 0, Number.NaN, null],
  requestTimeoutMs: [-1, Number.NaN, 0.5, 2 ** 31, '5', null],
  headersTimeoutMs: [-1, Number.NaN, Number.POSITIVE_INFINITY, null],
  idleTimeoutMs: [-1, Number.NaN, 2 ** 31, null],
  closeTimeoutMs: [-1, Number.NaN, Number.POSITIVE_INFINITY, null],
  onFailure: [5, null, {}],
}

test.each(Object.entries(WRONG))('a wrong %s is refused', async (name, values) => {
  for (const value of values) {
    const { message } = await refusalOf({ seed: SEED, [name]: value })
    expect(message).toMatch(new RegExp(`^Cannot serve: "${name}[".[]`))
  }
})

test.each([[-5], [[9, 3]], [[1]], [[1, 2, 3]], [[0, 600_001]], [Number.NaN], ['x'], [{}]])(
  'so is a latency that is none: %j',
  async (latencyMs) => {
    const { message } = await refusalOf({ seed: SEED, faults: { latencyMs } })
    expect(message).toMatch(/^Cannot serve: "faults.latencyMs" is a number of milliseconds up to 600000/)
  },
)

test('a refusal shows no secret', async () => {
  for (const auth of [
    'AKID:very-secret',
    [{ ...KEY, accessKeyId: '' }],
    ['very-secret'],
    { secretAccessKey: 'very-secret' },
  ]) {
    expect((await refusalOf({ auth })).message).not.toContain('very-secret')
  }
  const wrong = { toString: () => 'very-secret' }
  expect((await refusalOf({ auth: [{ ...KEY, secretAccessKey: wrong }] })).message).not.toContain('very-secret')
  expect((await refusalOf({ auth: [{ ...KEY, secretAccessKey: 7_654_321 }] })).message).not.toContain('7654321')
})

test('what there is, is taken; and what is undefined is not there', async () => {
  const { db } = await temporaryDatabase()
  const unsaid = Object.fromEntries([...Object.keys(WRONG), 'prot'].map((name) => [name, undefined]))
  const key = { ...KEY, readOnly: undefined }
  const some: object[] = [
    { ...unsaid, faults: { throttle: undefined, throtle: undefined } },
    { cors: '*', allowHosts: '*', auth: [] },
    { cors: [], allowHosts: [], auth: [KEY, { ...KEY, readOnly: true }, key] },
    // As an SDK has resolved them.
    {
      auth: [
        { ...KEY, sessionToken: 't', expiration: new Date(), accountId: '1', credentialScope: 's', $source: {} },
      ] as never,
    },
    {
      cors: ['http://a:3000', '*'],
      allowHosts: ['host.docker.internal'],
      host: 'localhost',
      region: 'x',
      accountId: 'y',
    },
    { maxConnections: Number.POSITIVE_INFINITY, maxBodyBytes: Number.POSITIVE_INFINITY, maxAnswerBytes: 1 },
    { requestTimeoutMs: 0, headersTimeoutMs: 0, idleTimeoutMs: 0, closeTimeoutMs: 0, tableDelayMs: 0.5 },
    { faults: { seed: -3, throttle: 1, unprocessed: 0, conflict: 0.5, latencyMs: [0, 600_000] } },
    { faults: { latencyMs: 5 }, onFailure: () => {}, seed: [] },
  ]
  for (const options of some)
    await expect(db.serve({ ...options, port: 0 })).resolves.toMatchObject({ port: expect.any(Number) })
})

test('awsConfig and verify refuse what they do not have', async () => {
  const { db } = await temporaryDatabase()
  const refused = (message: string) => expect.objectContaining({ code: 'OPTION', message })
  const config = (options: unknown) => () => db.awsConfig(options as never)
  expect(config({ zz: 1 })).toThrow(refused('Cannot awsConfig: there is no option "zz"; there are region'))
  expect(config({ region: 5 })).toThrow(refused('Cannot awsConfig: "region" is a name, such as us-east-1, not 5'))
  expect(config(null)).toThrow(refused('Cannot awsConfig: its options are an object, not null'))
  expect(config({ region: undefined })().region).toBe('us-east-1')
  const verify = (options: unknown) => db.verify(options as never)
  await expect(verify({ zz: 1 })).rejects.toThrow('Cannot verify: there is no option "zz"; there are onProgress')
  await expect(verify({ onProgress: 5 })).rejects.toThrow('Cannot verify: "onProgress" is a function, not 5')
  await expect(verify(null)).rejects.toMatchObject({ code: 'OPTION' })
  await expect(verify({ onProgress: undefined })).resolves.toMatchObject({ problems: [] })
})
