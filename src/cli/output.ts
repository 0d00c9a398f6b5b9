/**
 * Items as the user asked for them: a table for people, one JSON object a line for programs. Both are printed page by
 * page, so the memory this takes does not depend on how many items there are.
 */
import { setImmediate } from 'node:timers/promises'
import type { Item } from '../model/item/item.js'
import type { Page } from '../types.js'
import type { CommandContext } from './command-context.js'
import { stringifyValue } from './json-value.js'
import { withPauses } from './open-folder.js'
import { TextTable } from './text-table.js'

export interface ItemOutput {
  /** One JSON object a line. @default a table */
  readonly json: boolean
  /** The columns a table begins with: the key, usually. */
  readonly firstColumns: readonly string[]
}

/** Prints items, and on stderr how many there were and how to go on where the limit ended them. */
export async function printPages(
  context: CommandContext,
  pages: AsyncIterable<Page<Item>>,
  { json, firstColumns }: ItemOutput,
): Promise<void> {
  let count = 0
  let cursor: string | undefined
  let table: ItemTable | undefined
  for await (const page of withPauses(pages, context.signal)) {
    count += page.items.length
    cursor = page.cursor
    if (json) await context.stdout.write(page.items.map((item) => `${stringifyValue(item)}\n`).join(''))
    else {
      // Of items that have none of the attributes that are asked for there is nothing to show but how many they are.
      if (page.items.some(hasAttributes)) table ??= new ItemTable(context, firstColumns, page.items)
      await table?.print(page.items)
    }
  }
  if (!json) await context.stderr.line(context.stderr.paint('gray', summaryOf(count, table)))
  if (cursor !== undefined) await context.stderr.line(`more: --cursor ${cursor}`)
}

/** Prints one item: an attribute a line, or one JSON object. */
export async function printItem(
  context: CommandContext,
  item: Item,
  { json, firstColumns }: ItemOutput,
): Promise<void> {
  const { stdout } = context
  if (json) return stdout.line(stringifyValue(item))
  await printFields(
    context,
    columnsOf(firstColumns, [item]).map((name) => [name, cell(item[name])] as const),
  )
}

/** Names and values below one another. */
export async function printFields(
  { stdout }: CommandContext,
  fields: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const rows = fields.map(([name, value]) => [oneLine(name), value])
  const table = new TextTable(stdout, ['', ''], rows, { alignNumbers: false })
  for (const part of table.rows(rows)) await stdout.write(part)
}

/** A whole table at once. */
export async function printTable(
  { stdout }: CommandContext,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const table = new TextTable(stdout, head, rows)
  await stdout.write(table.head())
  for (const part of table.rows(rows)) await stdout.write(part)
}

class ItemTable {
  readonly #context: CommandContext
  readonly #columns: readonly string[]
  readonly #table: TextTable
  /** Attributes that the first page did not have, and so no column is there for. */
  readonly #late = new Set<string>()
  #isHeadPrinted = false

  constructor(context: CommandContext, firstColumns: readonly string[], firstPage: readonly Item[]) {
    this.#context = context
    this.#columns = columnsOf(firstColumns, firstPage)
    this.#table = new TextTable(context.stdout, this.#columns.map(oneLine), this.#cells(firstPage))
  }

  get notShown(): readonly string[] {
    return [...this.#table.hidden, ...this.#late]
  }

  async print(page: readonly Item[]): Promise<void> {
    const { stdout, signal } = this.#context
    if (!this.#isHeadPrinted) await stdout.write(this.#table.head())
    else this.#findLate(page)
    this.#isHeadPrinted = true
    for (const part of this.#table.rows(this.#cells(page))) {
      await stdout.write(part)
      // A page takes long enough that somebody may interrupt it.
      await setImmediate()
      signal.throwIfAborted()
    }
  }

  #cells(items: readonly Item[]): string[][] {
    return items.map((item) => this.#columns.map((name) => cell(Object.hasOwn(item, name) ? item[name] : undefined)))
  }

  #findLate(page: readonly Item[]): void {
    const known = new Set(this.#columns)
    for (const item of page) for (const name of Object.keys(item)) if (!known.has(name)) this.#late.add(oneLine(name))
  }
}

function hasAttributes(item: Item): boolean {
  return Object.keys(item).length > 0
}

/** The key first, then the other attributes in the order in which they first appear. */
function columnsOf(firstColumns: readonly string[], items: readonly Item[]): string[] {
  const names = new Set<string>()
  for (const item of items) for (const name of Object.keys(item)) names.add(name)
  return [...new Set([...firstColumns.filter((name) => names.has(name)), ...names])]
}

function summaryOf(count: number, table: ItemTable | undefined): string {
  const items = counted(count, 'item')
  const notShown = table?.notShown ?? []
  return notShown.length === 0 ? items : `${items}; not shown: ${notShown.join(', ')} (see --select and --json)`
}

/** A value in a table: text as it is, everything else as JSON. */
export function cell(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? oneLine(value) : oneLine(stringifyValue(value))
}

/** Text that neither breaks the line nor tells the terminal to do anything: what could is written `\n`, `\u001b`. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1)
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped
  })
}

/** `1 item`, `1,200 items`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${integer(number)} ${number === 1 ? one : many}`
}

export function integer(number: number): string {
  // The first one that is not so simple costs ten milliseconds: the languages of the world are loaded.
  return Math.abs(number) < 1000 && Number.isInteger(number) ? String(number) : number.toLocaleString('en-US')
}

/** `512 B`, `1.5 MB`: powers of ten, as disks are sold. */
export function byteSize(byteLength: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = byteLength
  let unit = 0
  for (; size >= 999.95 && unit < units.length - 1; unit++) size /= 1000
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}
