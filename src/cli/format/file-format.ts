/** The forms that items have in files, and which one a file is in. */
import { extname } from 'node:path'
import { UsageError } from '../arguments.js'

export type FileFormat = 'jsonl' | 'json' | 'csv' | 'dynamodb'

export const FILE_FORMATS: readonly FileFormat[] = ['jsonl', 'json', 'csv', 'dynamodb']

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
}

/** The format that was asked for, or the one the file's name ends with; JSON lines for a stream, which has no name. */
export function fileFormat(path: string, wanted: FileFormat | undefined): FileFormat {
  if (wanted !== undefined) return wanted
  if (path === '-') return 'jsonl'
  const format = EXTENSIONS[extname(path).toLowerCase()]
  if (format !== undefined) return format
  throw new UsageError(
    `Cannot tell the format of "${path}" by its name: say it with --format ${FILE_FORMATS.join('|')}`,
  )
}
