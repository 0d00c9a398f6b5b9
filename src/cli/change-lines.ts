/**
 * A change for people: a line that says what happened to which item, and below it what is different now.
 *
 *   12:04:31.207 update orders customer=ada placedAt=2026-11-02
 *     ~ status  open → paid
 */
import { equalValues } from '../model/item/equality.js'
import type { Item } from '../model/item/item.js'
import type { Change, ChangeType } from '../types.js'
import { cell, oneLine } from './output.js'
import type { OutputStream, Style } from './output-stream.js'
import { cutToWidth } from './text-table.js'

const STYLES: Record<ChangeType, Style> = { put: 'green', update: 'yellow', delete: 'red', expire: 'magenta' }
const INDENTATION = '  '

export function changeLines(output: OutputStream, change: Change<Item>): string {
  const { type, table, key, at, old = {}, new: item = {} } = change
  const time = output.paint('gray', new Date(at).toISOString().slice(11, 23))
  const place = Object.keys(key).map((name) => `${oneLine(name)}=${cell(key[name])}`)
  const head = `${time} ${output.paint(STYLES[type], type.padEnd(6))} ${output.paint('bold', table)} ${place.join(' ')}\n`
  return head + differences(output, old, item, Object.keys(key)).join('')
}

function differences(output: OutputStream, old: Item, item: Item, keyNames: readonly string[]): string[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(item)])].filter((name) => !keyNames.includes(name))
  const line = (style: Style, mark: string, name: string, value: string) => {
    const text = `${mark} ${oneLine(name)}  ${value}`
    return `${INDENTATION}${output.paint(style, cut(text, output.columns))}\n`
  }
  return names.flatMap((name) => {
    const before = Object.hasOwn(old, name) ? old[name] : undefined
    const after = Object.hasOwn(item, name) ? item[name] : undefined
    if (before === undefined) return line('green', '+', name, cell(after))
    if (after === undefined) return line('red', '-', name, cell(before))
    return equalValues(before, after) ? [] : line('yellow', '~', name, `${cell(before)} → ${cell(after)}`)
  })
}

function cut(text: string, columns: number | undefined): string {
  return columns === undefined ? text : cutToWidth(text, columns - INDENTATION.length)
}
