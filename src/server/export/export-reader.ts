/**
 * Reads an export that lies in a folder: of DynamoDB, or of ours. The checksum of a file is compared before anything in it
 * counts, so that of a damaged file nothing is imported; then it is uncompressed as it is read. Of a manifest nothing is
 * trusted but the names of files, and those only as names in the folder of data.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { isPlainObject } from '../../model/item/plain-object.js'
import { DATA_FOLDER, dataFileName, EXPORTS_FOLDER, FILES_FILE, SUMMARY_FILE } from './export-layout.js'

const CHUNK_LENGTH = 256 * 1024
/** A manifest is read as a whole: it has a line for each file, and no export has more than this. */
const MANIFEST_BYTE_LIMIT = 64 * 1024 * 1024

/** A file of data that is to be read. */
export interface DataFile {
  readonly name: string
  readonly path: string
  readonly byteLength: number
  readonly itemCount: number
  readonly md5Checksum: string
}

/** It is no export, or not the one that its manifest describes. */
export class BrokenExportError extends Error {
  override readonly name = 'BrokenExportError'

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot read the export "${path}": ${reason}`, options)
  }
}

export class ExportReader {
  /** The folder with the manifests. */
  readonly path: string
  readonly itemCount: number
  readonly files: readonly DataFile[]

  private constructor(path: string, itemCount: number, files: readonly DataFile[]) {
    this.path = path
    this.itemCount = itemCount
    this.files = files
  }

  /**
   * @param path The folder of an export, or one with a single export in it.
   * @throws {BrokenExportError}
   */
  static async open(path: string): Promise<ExportReader> {
    const folder = await exportFolder(path)
    const summary = await readSummary(folder)
    const files: DataFile[] = []
    for (const [i, line] of (await readManifest(folder, FILES_FILE)).split('\n').entries()) {
      if (line.trim() !== '') files.push(await dataFileOf(folder, line, i + 1))
    }
    const counted = files.reduce((sum, { itemCount }) => sum + itemCount, 0)
    if (counted === summary.itemCount) return new ExportReader(folder, counted, files)
    const reason = `its summary has ${summary.itemCount} items, and its files have ${counted}`
    throw new BrokenExportError(folder, reason)
  }

  get byteLength(): number {
    return this.files.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** @throws {BrokenExportError} When the file is not what the manifest says. */
  async check({ name, path, md5Checksum }: DataFile): Promise<void> {
    const hash = createHash('md5')
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_LENGTH })) hash.update(chunk as Buffer)
    if (hash.digest('base64') === md5Checksum) return
    throw new BrokenExportError(this.path, `the checksum of "${DATA_FOLDER}/${name}" differs`)
  }

  /** The lines of a file, uncompressed; `onBytes` is told how much of the file has been read. */
  async *lines(
    { name, path }: DataFile,
    onBytes: (byteLength: number) => void,
  ): AsyncGenerator<Buffer, void, undefined> {
    const file = createReadStream(path, { highWaterMark: CHUNK_LENGTH })
    const gunzip = createGunzip({ chunkSize: CHUNK_LENGTH })
    file.on('data', (chunk) => onBytes(chunk.length))
    file.on('error', (failure) => gunzip.destroy(failure))
    file.pipe(gunzip)
    try {
      for await (const chunk of gunzip) yield chunk as Buffer
    } catch (cause) {
      throw new BrokenExportError(this.path, `"${DATA_FOLDER}/${name}": ${(cause as Error).message}`, { cause })
    } finally {
      gunzip.destroy()
      file.destroy()
    }
  }
}

/** Where the manifests are. */
async function exportFolder(path: string): Promise<string> {
  if (await isFile(join(path, SUMMARY_FILE))) return path
  const exports = join(path, EXPORTS_FOLDER)
  const names = await readdir(exports).catch((): string[] => [])
  const whole: string[] = []
  for (const name of names.sort()) if (await isFile(join(exports, name, SUMMARY_FILE))) whole.push(name)
  const [only, ...others] = whole.filter((name) => !name.endsWith('.partial'))
  if (only === undefined) throw new BrokenExportError(path, `there is neither ${SUMMARY_FILE} nor an export in it`)
  if (others.length === 0) return join(exports, only)
  const reason = `there are several exports: ${[only, ...others].join(', ')}; name the folder of one`
  throw new BrokenExportError(path, reason)
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function readSummary(folder: string): Promise<{ readonly itemCount: number }> {
  const summary = parse(folder, SUMMARY_FILE, await readManifest(folder, SUMMARY_FILE))
  const { itemCount, outputFormat: format = 'DYNAMODB_JSON', exportType: type = 'FULL_EXPORT' } = summary
  if (format !== 'DYNAMODB_JSON')
    throw new BrokenExportError(folder, `its format is ${String(format)}, not DYNAMODB_JSON`)
  if (type !== 'FULL_EXPORT') {
    throw new BrokenExportError(
      folder,
      `it is an ${String(type)}, which has changes, not items: only full ones are read`,
    )
  }
  return { itemCount: countOf(folder, SUMMARY_FILE, itemCount) }
}

async function readManifest(folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  try {
    const { size } = await stat(path)
    if (size > MANIFEST_BYTE_LIMIT) throw new Error('it is too long')
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new BrokenExportError(folder, `${name} can not be read: ${(cause as Error).message}`, { cause })
  }
}

async function dataFileOf(folder: string, line: string, number: number): Promise<DataFile> {
  const where = `${FILES_FILE}, line ${number}`
  const { itemCount, md5Checksum, dataFileS3Key } = parse(folder, where, line)
  const name = dataFileName(dataFileS3Key)
  if (name === undefined || typeof md5Checksum !== 'string') {
    throw new BrokenExportError(folder, `${where}: it names no file of data with its checksum`)
  }
  const path = join(folder, DATA_FOLDER, name)
  const found = await stat(path).catch((cause: unknown) => {
    throw new BrokenExportError(folder, `"${DATA_FOLDER}/${name}" is missing`, { cause })
  })
  return { name, path, byteLength: found.size, itemCount: countOf(folder, where, itemCount), md5Checksum }
}

function parse(folder: string, where: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(text)
    if (isPlainObject(content)) return content
  } catch (cause) {
    throw new BrokenExportError(folder, `${where} is no JSON`, { cause })
  }
  throw new BrokenExportError(folder, `${where} is no object`)
}

function countOf(folder: string, where: string, count: unknown): number {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number
  throw new BrokenExportError(folder, `${where}: its itemCount is no count`)
}
