/**
 * The item codec against the libraries that could have taken its place, and against JSON: the item of the store benchmark
 * alone, and eight shapes mixed. Several rounds in processes of their own, one with the native parts of the libraries and
 * one without, by turns; medians, and how many times as long as ours each one takes.
 *
 *   npx tsx test/benchmark/codec.ts [--rounds 5]
 *
 * The libraries keep the names of an item apart (records), so their bytes can't be read without them, and so do we in a
 * database; _names_ is our format without that.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Encoder as Cbor } from 'cbor-x'
import { Packr } from 'msgpackr'
import { copyItem } from '../../src/model/item/copy.js'
import { decodeItem, encodeItem, ItemCodec } from '../../src/model/item/item-codec.js'
import { ShapeDictionary } from '../../src/model/item/shape-dictionary.js'
import { median } from './statistics.js'
import { makeItem } from './store/store.js'

interface Codec {
  readonly name: string
  encode(item: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** Nanoseconds by what was done, and bytes. */
type Figures = Record<string, number>

const ITEM_COUNT = 1000
const REPETITIONS = 50
/** What comes out goes here, so that nothing is found to be useless and left out. */
const sink: unknown[] = [undefined]

const SHAPES: readonly ((n: number) => Record<string, unknown>)[] = [
  (n) => ({ ...makeItem(n % 100, n) }),
  (n) => ({ id: `user-${n}`, age: n % 90, mail: `u${n}@example.org`, isAdmin: n % 2 === 0 }),
  (n) => ({ device: `d-${n % 100}`, at: 1.7e12 + n, temperature: 20 + (n % 100) / 10, humidity: n / 7 }),
  (n) => ({
    pk: `a${n}`,
    sk: n,
    lines: [
      { sku: `s${n}`, n: 1 },
      { sku: 'b', n: 2 },
    ],
    note: null,
  }),
  (n) => ({ pk: `b${n}`, sk: `x${n}`, text: `läuft über Stock ${n} und Stein` }),
  (n) => ({ hash: `h${n}`, path: `/a/b/${n}/index.html`, size: n * 1000, type: 'text/html' }),
  (n) => ({ session: `s${n}`, user: { id: n, name: `Name ${n}` }, expires: 1.7e9 + n, ip: `10.0.0.${n % 256}` }),
  (n) => ({ a: 1, b: 2, c: 3, d: n, e: 'five', f: true, g: false, h: null, i: n, j: `x${n}`, k: 2.5, l: 'end' }),
]

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, part: { type: 'string' } } })
if (values.part === undefined) main(Number(values.rounds))
else console.log(JSON.stringify(measure(values.part)))

function main(rounds: number): void {
  const found = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const part of ['native', 'JavaScript']) {
      const off = part === 'native' ? 'false' : 'true'
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(import.meta.url), '--part', part],
        {
          encoding: 'utf8',
          env: {
            ...process.env,
            CBOR_NATIVE_ACCELERATION_DISABLED: off,
            MSGPACKR_NATIVE_ACCELERATION_DISABLED: off,
          },
        },
      )
      if (status !== 0) throw new Error(stderr)
      for (const [name, figure] of Object.entries(JSON.parse(stdout) as Figures)) {
        found.set(name, [...(found.get(name) ?? []), figure])
      }
    }
  }
  const medians = new Map([...found].map(([name, figures]) => [name, median(figures)] as const))
  for (const [name, figure] of medians) {
    const ours = medians.get(name.replace(/[^:]*$/, ' dynafile')) ?? figure
    console.log(`${name.padEnd(46)} ${figure.toFixed(0).padStart(6)}  ${(figure / ours).toFixed(2)}`)
  }
}

function measure(part: string): Figures {
  const packr = new Packr({ useRecords: true, structures: [] })
  const cbor = new Cbor({ useRecords: true, structures: [] })
  const libraries: Codec[] = [
    { name: `msgpackr, ${part}`, encode: (item) => packr.pack(item), decode: (bytes) => packr.unpack(bytes) },
    { name: `cbor-x, ${part}`, encode: (item) => cbor.encode(item), decode: (bytes) => cbor.decode(bytes as Buffer) },
  ]
  const own = new ItemCodec(new ShapeDictionary())
  const ours: Codec[] = [
    { name: 'dynafile', encode: (item) => own.encode(item), decode: (bytes) => own.decode(bytes) },
    { name: 'dynafile, names', encode: (item) => encodeItem(item), decode: (bytes) => decodeItem(bytes) },
    {
      name: 'JSON',
      encode: (item) => Buffer.from(JSON.stringify(item)),
      decode: (bytes) => JSON.parse((bytes as Buffer).toString()),
    },
  ]
  const codecs = [...ours, ...libraries]
  const figures: Figures = {}
  const alone = Array.from({ length: ITEM_COUNT }, (_, n) => SHAPES[0]!(n))
  const mixed = Array.from({ length: ITEM_COUNT }, (_, n) => SHAPES[n % SHAPES.length]!(n))
  // Everything is met once before anything is measured, as in a process that does other things too.
  for (const isWarm of [false, true]) {
    for (const [what, items] of [
      ['one shape', alone],
      ['eight shapes', mixed],
    ] as const) {
      for (const { name, encode, decode } of codecs) {
        const all = items.map((item) => Uint8Array.prototype.slice.call(encode(item)))
        const encoded = all.map((bytes) => Buffer.from(bytes))
        const encodeTime = time((n) => encode(items[n]))
        const decodeTime = time((n) => decode(encoded[n]!))
        if (!isWarm) continue
        figures[`${what}: bytes: ${name}`] = all.reduce((sum, bytes) => sum + bytes.length, 0) / items.length
        figures[`${what}: encode: ${name}`] = encodeTime
        figures[`${what}: decode: ${name}`] = decodeTime
      }
    }
    const encoded = alone.map((item) => own.encode(item))
    for (const name of ['total', 'status']) {
      figures[`one shape: decodeAttribute of ${name}: dynafile`] = time((n) => own.attribute(encoded[n]!, name))
    }
    figures['one shape: copyItem: dynafile'] = time((n) => copyItem(alone[n]!))
    figures['eight shapes: copyItem: dynafile'] = time((n) => copyItem(mixed[n]!))
  }
  return figures
}

/** Nanoseconds for one, in the median of several turns. */
function time(act: (n: number) => unknown): number {
  const turns = Array.from({ length: 7 }, () => {
    const started = process.hrtime.bigint()
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      for (let n = 0; n < ITEM_COUNT; n++) sink[0] = act(n)
    }
    return Number(process.hrtime.bigint() - started) / (REPETITIONS * ITEM_COUNT)
  })
  return median(turns)
}
