/**
 * Where an export has its files, as DynamoDB lays it out in a bucket: `AWSDynamoDB/<id>/manifest-summary.json`, which says
 * what it is, `manifest-files.json`, which names the files of data with their checksums and how many items are in each, and
 * `data/*.json.gz`. Here the bucket is a folder.
 */
import { createHash } from 'node:crypto'

export const EXPORTS_FOLDER = 'AWSDynamoDB'
export const SUMMARY_FILE = 'manifest-summary.json'
export const SUMMARY_CHECKSUM_FILE = 'manifest-summary.md5'
export const FILES_FILE = 'manifest-files.json'
export const FILES_CHECKSUM_FILE = 'manifest-files.md5'
export const DATA_FOLDER = 'data'
export const STARTED_FILE = '_started'

/** What an export is. Members and their order are DynamoDB's. */
export interface ExportSummary {
  readonly version: '2020-06-30'
  readonly exportArn: string
  readonly startTime: string
  readonly endTime: string
  readonly tableArn: string
  readonly tableId: string
  readonly exportTime: string
  readonly s3Bucket: string
  readonly s3Prefix: string | null
  readonly s3SseAlgorithm: string
  readonly s3SseKmsKeyId: string | null
  readonly manifestFilesS3Key: string
  readonly billedSizeBytes: number
  readonly itemCount: number
  readonly outputFormat: 'DYNAMODB_JSON'
  readonly exportType: 'FULL_EXPORT'
}

/** One file of data. */
export interface DataFileEntry {
  readonly itemCount: number
  /** In base64, of the file as it is. */
  readonly md5Checksum: string
  readonly etag: string
  readonly dataFileS3Key: string
}

/** Exports sort by when they were made. */
export function exportId(nowMs: number, random: string): string {
  return `${String(Math.floor(nowMs)).padStart(14, '0')}-${random}`
}

export function md5(content: string): string {
  return createHash('md5').update(content).digest('base64')
}

/** The name of a file of data, without whatever stands before it: only such names are ever looked for. */
export function dataFileName(key: unknown): string | undefined {
  const name = typeof key === 'string' ? key.slice(key.lastIndexOf('/') + 1) : ''
  return /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name) ? name : undefined
}
