/**
 * Writes an export, page by page: the items of a page are compressed into the file of data that is open, and a new one is
 * begun when that is long enough. Nothing is kept in memory but what is on its way. Until it is whole, the folder of the
 * export has another name, so what has the right one is never a part of an export.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { TableDescription } from '../../backend.js'
import type { Clock } from '../../base/clock.js'
import type { Item } from '../../model/item/item.js'
import { itemSize } from '../../model/item/item-size.js'
import { tableArn } from '../table/table-arn.js'
import { itemLine } from './dynamodb-json.js'
import {
  DATA_FOLDER,
  type DataFileEntry,
  EXPORTS_FOLDER,
  type ExportSummary,
  exportId,
  FILES_CHECKSUM_FILE,
  FILES_FILE,
  md5,
  STARTED_FILE,
  SUMMARY_CHECKSUM_FILE,
  SUMMARY_FILE,
} from './export-layout.js'

/** So many characters of lines go into one file; compressed they are about a tenth. */
const FILE_LENGTH = 256 * 1024 * 1024
/** What ARNs in the manifest say: there is no account. */
const PLACE = { region: 'us-east-1', accountId: '000000000000' }

export interface ExportWriterOptions {
  readonly clock: Clock
  /** After so many characters of lines the next file is begun. @default 256 MB */
  readonly fileLength?: number
}

export class ExportWriter {
  readonly #bucket: string
  readonly #id: string
  readonly #table: Pick<TableDescription, 'name' | 'id'>
  readonly #clock: Clock
  readonly #fileLength: number
  readonly #startedAt: number
  readonly #entries: DataFileEntry[] = []
  #file: DataFile | undefined
  #itemCount = 0
  #byteLength = 0

  private constructor(
    bucket: string,
    table: Pick<TableDescription, 'name' | 'id'>,
    { clock, fileLength = FILE_LENGTH }: ExportWriterOptions,
  ) {
    this.#bucket = resolve(bucket)
    this.#table = table
    this.#clock = clock
    this.#fileLength = fileLength
    this.#startedAt = clock.now()
    this.#id = exportId(this.#startedAt, randomBytes(4).toString('hex'))
  }

  /** @param bucket The folder that exports are in; it is made if it is not there. */
  static async begin(
    bucket: string,
    table: Pick<TableDescription, 'name' | 'id'>,
    options: ExportWriterOptions,
  ): Promise<ExportWriter> {
    const writer = new ExportWriter(bucket, table, options)
    await mkdir(join(writer.#partial, DATA_FOLDER), { recursive: true })
    await writeFile(join(writer.#partial, STARTED_FILE), '')
    return writer
  }

  /** The folder of the export, once it is whole. */
  get path(): string {
    return join(this.#bucket, EXPORTS_FOLDER, this.#id)
  }

  get #partial(): string {
    return `${this.path}.partial`
  }

  async write(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return
    this.#file ??= new DataFile(join(this.#partial, DATA_FOLDER, newName()))
    let text = ''
    for (const item of items) {
      text += itemLine(item)
      this.#byteLength += itemSize(item)
    }
    this.#itemCount += items.length
    await this.#file.write(text, items.length)
    if (this.#file.textLength >= this.#fileLength) await this.#endFile()
  }

  /** The export is whole. */
  async commit(): Promise<void> {
    await this.#endFile()
    const files = this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
    const summary = JSON.stringify(this.#summary())
    await this.#put(FILES_FILE, files)
    await this.#put(FILES_CHECKSUM_FILE, md5(files))
    await this.#put(SUMMARY_FILE, summary)
    await this.#put(SUMMARY_CHECKSUM_FILE, md5(summary))
    await rename(this.#partial, this.path)
  }

  /** It will not be finished: nothing of it stays. */
  async abandon(): Promise<void> {
    await this.#file?.abandon()
    await rm(this.#partial, { recursive: true, force: true })
  }

  #put(name: string, content: string): Promise<void> {
    return writeFile(join(this.#partial, name), content)
  }

  async #endFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    const { itemCount, hash } = await file.end()
    const dataFileS3Key = this.#key(`${DATA_FOLDER}/${file.name}`)
    const md5Checksum = hash.toString('base64')
    this.#entries.push({ itemCount, md5Checksum, etag: `${hash.toString('hex')}-1`, dataFileS3Key })
  }

  #key(file: string): string {
    return `${EXPORTS_FOLDER}/${this.#id}/${file}`
  }

  #summary(): ExportSummary {
    const { name, id } = this.#table
    const arn = tableArn(PLACE, name)
    const startTime = new Date(this.#startedAt).toISOString()
    return {
      version: '2020-06-30',
      exportArn: `${arn}/export/${this.#id}`,
      startTime,
      endTime: new Date(this.#clock.now()).toISOString(),
      tableArn: arn,
      tableId: id,
      exportTime: startTime,
      s3Bucket: basename(this.#bucket),
      s3Prefix: null,
      s3SseAlgorithm: 'AES256',
      s3SseKmsKeyId: null,
      manifestFilesS3Key: this.#key(FILES_FILE),
      billedSizeBytes: this.#byteLength,
      itemCount: this.#itemCount,
      outputFormat: 'DYNAMODB_JSON',
      exportType: 'FULL_EXPORT',
    }
  }
}

/** One compressed file of lines, with the checksum of what is written. */
class DataFile {
  readonly name: string
  readonly #gzip = createGzip()
  readonly #hash = createHash('md5')
  readonly #written: Promise<void>
  #failure: unknown
  #itemCount = 0
  #textLength = 0

  constructor(path: string) {
    this.name = basename(path)
    const hashed = new PassThrough()
    hashed.on('data', (chunk: Buffer) => this.#hash.update(chunk))
    this.#written = pipeline(this.#gzip, hashed, createWriteStream(path))
    this.#written.catch((failure: unknown) => {
      this.#failure = failure
    })
  }

  get textLength(): number {
    return this.#textLength
  }

  /** Resolves when there is room for more. */
  async write(text: string, itemCount: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#itemCount += itemCount
    this.#textLength += text.length
    // Whatever fails ends what is written, too.
    if (!this.#gzip.write(text)) await Promise.race([once(this.#gzip, 'drain'), this.#written])
  }

  async end(): Promise<{ readonly itemCount: number; readonly hash: Buffer }> {
    this.#gzip.end()
    await this.#written
    return { itemCount: this.#itemCount, hash: this.#hash.digest() }
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy()
    await this.#written.catch(() => {})
  }
}

/** No two files of an export have the same. */
function newName(): string {
  return `${randomBytes(16).toString('hex')}.json.gz`
}
