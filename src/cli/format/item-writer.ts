/** Items as text, for each format of a file: what comes first, each page of items, what comes last. */
import type { Item } from '../../model/item/item.js'
import { stringifyValue } from '../json-value.js'
import { cellText, quotedIfNeeded } from './csv-cell.js'

export interface ItemWriter {
  begin(): string
  page(items: readonly Item[]): string
  end(): string
}

export class JsonLinesWriter implements ItemWriter {
  begin(): string {
    return ''
  }

  page(items: readonly Item[]): string {
    return items.map((item) => `${stringifyValue(item)}\n`).join('')
  }

  end(): string {
    return ''
  }
}

export class JsonArrayWriter implements ItemWriter {
  #separator = '\n'

  begin(): string {
    return '['
  }

  page(items: readonly Item[]): string {
    let text = ''
    for (const item of items) {
      text += this.#separator + stringifyValue(item)
      this.#separator = ',\n'
    }
    return text
  }

  end(): string {
    return '\n]\n'
  }
}

export class CsvWriter implements ItemWriter {
  readonly #columns: readonly string[]

  constructor(columns: readonly string[]) {
    this.#columns = columns
  }

  begin(): string {
    return `${this.#columns.map(quotedIfNeeded).join(',')}\n`
  }

  page(items: readonly Item[]): string {
    return items.map((item) => `${this.#row(item)}\n`).join('')
  }

  end(): string {
    return ''
  }

  #row(item: Item): string {
    const cells = this.#columns.map((name) => cellText(Object.hasOwn(item, name) ? item[name] : undefined))
    // A line with nothing on it would not be a record.
    return cells.length === 1 && cells[0] === '' ? '""' : cells.join(',')
  }
}
