/** Items as text, for each format of a file: what comes first, each page of items, what comes last. */
import { type Cast, type Options, stringify } from 'csv-stringify/sync'
import { Decimal } from '../../model/item/decimal.js'
import type { Item } from '../../model/item/item.js'
import { itemLine } from '../../server/export/dynamodb-json.js'
import { base64, stringifyValue } from '../json-value.js'
import { looksLikeNoText } from './csv-cell.js'

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

/** Lines as DynamoDB's exports have them. */
export class DynamodbWriter implements ItemWriter {
  begin(): string {
    return ''
  }

  page(items: readonly Item[]): string {
    return items.map(itemLine).join('')
  }

  end(): string {
    return ''
  }
}

export class CsvWriter implements ItemWriter {
  readonly #columns: readonly string[]
  readonly #options: Options

  constructor(columns: readonly string[], delimiter: string) {
    this.#columns = columns
    this.#options = {
      delimiter,
      // Blanks at the ends, which other programs would take away.
      quoted_match: /^[\s\ufeff]|\s$/,
      // A line with nothing on it would not be a record.
      quoted_empty: columns.length === 1,
    }
  }

  begin(): string {
    return stringify([[...this.#columns]], this.#options)
  }

  page(items: readonly Item[]): string {
    const rows = items.map((item) => this.#columns.map((name) => (Object.hasOwn(item, name) ? item[name] : undefined)))
    return stringify(rows, { ...this.#options, cast: CELL_CASTS })
  }

  end(): string {
    return ''
  }
}

const json: Cast<unknown> = (value) => stringifyValue(value)

const CELL_CASTS: NonNullable<Options['cast']> = {
  // In quotes where, without them, it would be read as something else.
  string: (text) => (looksLikeNoText(text) ? { value: text, quoted: true, quoted_empty: true } : text),
  number: json,
  bigint: json,
  boolean: json,
  null: json,
  object: (value: unknown) => {
    if (value instanceof Uint8Array) return base64(value)
    return Decimal.is(value) ? value.toString() : stringifyValue(value)
  },
}
