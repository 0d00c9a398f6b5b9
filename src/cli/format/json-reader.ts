/** The items of a JSON file, in the batches in which the bytes of it arrive. */
import { ArraySplitter } from './array-splitter.js'
import { type ImportRecord, recordFrom } from './import-record.js'
import { itemFromBytes } from './item-from-text.js'
import { LineSplitter } from './line-splitter.js'
import { type Slice, type Splitter, split } from './splitter.js'

/** One object a line. */
export function readJsonLines(source: AsyncIterable<Buffer>): AsyncGenerator<ImportRecord[], void, undefined> {
  return readSlices(source, new LineSplitter())
}

/** One array of objects. @throws {BrokenFileError} When the array itself is not in order. */
export function readJsonArray(source: AsyncIterable<Buffer>): AsyncGenerator<ImportRecord[], void, undefined> {
  return readSlices(source, new ArraySplitter())
}

async function* readSlices(
  source: AsyncIterable<Buffer>,
  splitter: Splitter,
): AsyncGenerator<ImportRecord[], void, undefined> {
  for await (const slices of split(source, splitter)) yield slices.map(record)
}

function record({ line, bytes }: Slice): ImportRecord {
  return recordFrom(line, () => itemFromBytes(bytes))
}
