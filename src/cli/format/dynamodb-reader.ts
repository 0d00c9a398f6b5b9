/** The items of a DynamoDB export, or of a file of such lines, in the batches in which the bytes of it arrive. */
import { isUtf8 } from 'node:buffer'
import { createGunzip } from 'node:zlib'
import { itemFromLine } from '../../server/export/dynamodb-json.js'
import { type DataFile, ExportReader } from '../../server/export/export-reader.js'
import type { ByteSource } from './byte-source.js'
import { type ImportRecord, recordFrom } from './import-record.js'
import { LineSplitter } from './line-splitter.js'
import { type Slice, split } from './splitter.js'

/** What `gzip` begins a file with. */
const GZIP_MARK = Buffer.from([0x1f, 0x8b])

/** The folder of an export: its files one after the other, each read only if it is whole. */
export class ExportSource {
  readonly #reader: ExportReader
  #readBytes = 0

  private constructor(reader: ExportReader) {
    this.#reader = reader
  }

  /** @throws {BrokenExportError} */
  static async open(path: string): Promise<ExportSource> {
    return new ExportSource(await ExportReader.open(path))
  }

  get totalBytes(): number {
    return this.#reader.byteLength
  }

  get readBytes(): number {
    return this.#readBytes
  }

  async *records(): AsyncGenerator<ImportRecord[], void, undefined> {
    for (const file of this.#reader.files) yield* this.#recordsOf(file)
  }

  close(): void {}

  async *#recordsOf(file: DataFile): AsyncGenerator<ImportRecord[], void, undefined> {
    await this.#reader.check(file)
    const lines = this.#reader.lines(file, (byteLength) => {
      this.#readBytes += byteLength
    })
    let count = 0
    for await (const slices of split(lines, new LineSplitter())) {
      count += slices.length
      yield slices.map((slice) => ({ ...record(slice), file: file.name }))
    }
    if (count === file.itemCount) return
    const reason = `there are ${count} items, and the manifest says ${file.itemCount}`
    yield [{ kind: 'problem', line: count, reason, file: file.name }]
  }
}

/** A file of lines, compressed or not. */
export async function* readDynamodbLines(source: ByteSource): AsyncGenerator<ImportRecord[], void, undefined> {
  for await (const slices of split(uncompressed(source), new LineSplitter())) yield slices.map(record)
}

async function* uncompressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  let next = await chunks.next()
  // The mark may come in bits.
  while (next.done !== true && head.length + next.value.length < GZIP_MARK.length) {
    head = Buffer.concat([head, next.value])
    next = await chunks.next()
  }
  const first = next.done === true ? head : Buffer.concat([head, next.value])
  const rest = { [Symbol.asyncIterator]: () => chunks }
  if (!first.subarray(0, GZIP_MARK.length).equals(GZIP_MARK)) {
    yield first
    yield* rest
    return
  }
  yield* gunzipped(first, rest)
}

async function* gunzipped(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip()
  const feeding = feed(gunzip, first, rest).catch((failure: Error) => void gunzip.destroy(failure))
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
    await feeding
  } finally {
    gunzip.destroy()
  }
}

async function feed(
  gunzip: ReturnType<typeof createGunzip>,
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<void> {
  await write(gunzip, first)
  for await (const chunk of rest) {
    if (gunzip.destroyed) return
    await write(gunzip, chunk)
  }
  gunzip.end()
}

/** Resolves when there is room for more, or when nobody reads any more. */
function write(gunzip: ReturnType<typeof createGunzip>, chunk: Buffer): Promise<void> | undefined {
  if (gunzip.write(chunk)) return undefined
  return new Promise((resolve) => {
    const settle = () => {
      gunzip.off('drain', settle).off('close', settle)
      resolve()
    }
    gunzip.on('drain', settle).on('close', settle)
  })
}

function record({ line, bytes }: Slice): ImportRecord {
  return recordFrom(line, () => {
    if (!isUtf8(bytes)) throw new SyntaxError('it is not UTF-8')
    return itemFromLine(bytes.toString('utf8'))
  })
}
