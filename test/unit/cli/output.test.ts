/** Tables fit the terminal, show nothing that would disturb it, and cost no memory for many items. */
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { changeLines } from '../../../src/cli/change-lines.js'
import { CommandContext } from '../../../src/cli/command-context.js'
import { byteSize, cell, oneLine, printPages } from '../../../src/cli/output.js'
import { OutputStream } from '../../../src/cli/output-stream.js'
import { Progress } from '../../../src/cli/progress.js'
import { cutToWidth, TextTable } from '../../../src/cli/text-table.js'
import type { Item } from '../../../src/model/item/item.js'

function stream(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const target = Object.assign(new PassThrough(), terminal)
  const output = new OutputStream(target, () => {})
  return { target, output, text: () => everythingIn(target) }
}

async function printed(pages: Item[][], columns?: number): Promise<{ stdout: string; stderr: string }> {
  const stdout = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns })
  const stderr = new PassThrough()
  const context = new CommandContext({ stdin: new PassThrough(), stdout, stderr })
  async function* all() {
    for (const items of pages) yield { items, cursor: undefined, count: items.length, scanned: items.length }
  }
  await printPages(context, all(), { json: false, firstColumns: ['id', 'at'] })
  const plain = (stream: PassThrough) => stripVTControlCharacters(everythingIn(stream))
  return { stdout: plain(stdout), stderr: plain(stderr) }
}

describe('a table of items', () => {
  test('has the key first, then the attributes as they appear', async () => {
    const { stdout, stderr } = await printed([
      [
        { b: 1, id: 'x' },
        { a: [1, { c: 2n }], id: 'y' },
      ],
    ])
    expect(stdout).toBe('id  b  a\n──  ─  ───────────\nx   1\ny      [1,{"c":2}]\n')
    expect(stderr).toBe('2 items\n')
  })

  test('goes on under the same head, and says which attributes have no column', async () => {
    const { stdout, stderr } = await printed([[], [{ id: 'x' }], [{ id: 'yyyy', late: 1 }]])
    expect(stdout).toBe('id\n──\nx\ny…\n')
    expect(stderr).toBe('2 items; not shown: late (see --select and --json)\n')
  })

  test('begins with the first page that has something to show', async () => {
    expect(await printed([[{}, {}]])).toEqual({ stdout: '', stderr: '2 items\n' })
    const { stdout, stderr } = await printed([[{}], [], [{}, { a: 1 }], [{}]])
    expect(stdout).toBe('a\n─\n\n1\n\n')
    expect(stderr).toBe('4 items\n')
  })

  test('fits the terminal', async () => {
    const item = Object.fromEntries([...'abcdefgh'].map((name) => [name, name.repeat(30)]))
    for (const columns of [20, 40, 80, 132]) {
      const { stdout, stderr } = await printed([[item]], columns)
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      expect(stdout).toContain('…')
      if (columns < 100) expect(stderr).toContain('not shown')
    }
  })
})

describe('wide characters', () => {
  const table = (columns: number, head: string[], rows: string[][]) => {
    const text = new TextTable(stream({ isTTY: true, columns }).output, head, rows)
    return stripVTControlCharacters(text.head() + [...text.rows(rows)].join(''))
  }

  test('take two columns, marks none', () => {
    const rows = [
      ['日本', 'x'],
      ['abcdef', 'x'],
      ['e\u0301e\u0301', 'x'],
      ['👍🏽', 'x'],
    ]
    expect(table(80, ['a', 'b'], rows)).toBe(
      'a       b\n──────  ─\n日本    x\nabcdef  x\ne\u0301e\u0301      x\n👍🏽      x\n',
    )
  })

  test('are cut where they end', () => {
    expect(table(7, ['a'], [['日本語日本語']])).toBe('a\n───────\n日本語…\n')
    expect(table(6, ['a'], [['日本語日本語']])).toBe('a\n──────\n日本…\n')
    expect(cutToWidth('👍👍👍👍', 5)).toBe('👍👍…')
    expect(cutToWidth('👍👍👍👍', 6)).toBe('👍👍 …')
    expect(cutToWidth('日本語', 6)).toBe('日本語')
  })

  test('cost no more where there are many of them', () => {
    const text = '日本👍é'.repeat(50_000)
    expect(table(40, ['a', 'b'], [[text, 'x']])).toMatch(/^a {38}b$\n.*\n(日本👍é)+… {1,4}x$/mu)
    expect(cutToWidth(text, 40).length).toBeLessThan(40)
  })
})

test('a cell is one line and commands no terminal', () => {
  expect(cell('a\nb\u001b[31m\u202e\u009b')).toBe('a\\nb\\u001b[31m\\u202e\\u009b')
  expect(cell(undefined)).toBe('')
  expect(cell(null)).toBe('null')
  expect(oneLine('äöü 日本')).toBe('äöü 日本')
})

test('sizes are short', () => {
  expect([0, 999, 1000, 1500, 999_949, 999_950, 67_108_864].map(byteSize)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '999.9 kB',
    '1.0 MB',
    '67.1 MB',
  ])
})

test('a change shows what is different now', () => {
  const { output } = stream()
  const key = { id: 'x' }
  const change = { table: 'orders', seq: '1', key, at: Date.UTC(2026, 10, 2, 12, 4, 31, 207) }
  const old = { id: 'x', same: [1], status: 'open', gone: 1 }
  const lines = changeLines(output, {
    ...change,
    type: 'update',
    old,
    new: { id: 'x', same: [1], status: 'paid', more: true },
  })
  expect(lines).toBe('12:04:31.207 update orders id=x\n  ~ status  open → paid\n  - gone  1\n  + more  true\n')
})

describe('progress', () => {
  test('is a line every few seconds where there is no terminal', () => {
    const { output, text } = stream()
    let now = 0
    const progress = new Progress(output, { label: 'importing', totalBytes: 1000, now: () => now })
    for (; now <= 12_000; now += 1000) progress.update({ count: now, bytes: now / 20 })
    expect(text()).toBe('importing   25%  5,000 items  1,000/s\nimporting   50%  10,000 items  1,000/s\n')
  })

  test('is a bar that goes away on a terminal', async () => {
    const { output, text } = stream({ isTTY: true, columns: 60 })
    let now = 0
    const progress = new Progress(output, { label: 'importing', totalBytes: 1000, now: () => now })
    now = 500
    progress.update({ count: 10, bytes: 500 })
    await progress.line('line 5: bad')
    const shown = text()
    expect(shown).toContain('\r\u001b[Kimporting  ████████████░░░░░░░░░░░░  50%')
    expect(shown.endsWith('\r\u001b[Kline 5: bad\n')).toBe(true)
  })
})

test('a reader that went away is noticed', async () => {
  const target = new PassThrough()
  let isClosed = false
  const output = new OutputStream(target, () => {
    isClosed = true
  })
  target.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isClosed && output.isClosed).toBe(true)
  await expect(output.write('more')).rejects.toThrow('EPIPE')
})

/** All that was written so far: since Node 26 one read gives no more than one write. */
function everythingIn(stream: PassThrough): string {
  let text = ''
  for (let part = stream.read(); part !== null; part = stream.read()) text += String(part)
  return text
}
