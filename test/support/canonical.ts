/**
 * Values and items as text that is equal exactly when they are: numbers exactly and with their type, sets without an
 * order, maps without one either. Written without the engine's own notion of equality, which it is there to check.
 */
import { Decimal } from '../../src/index.js'

export function canonical(value: unknown): string {
  return textOf(value, (number) => {
    if (typeof number === 'bigint') return `${number}n`
    return number instanceof Decimal ? `${number}d` : String(number + 0)
  })
}

/** The same, but numbers only by what they are worth: a sum may have another type than what was added. */
export function canonicalWorth(value: unknown): string {
  return textOf(value, (number) => Decimal.from(String(number)).toString())
}

function textOf(value: unknown, numberText: (number: number | bigint | Decimal) => string): string {
  const text = (inner: unknown) => textOf(inner, numberText)
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) return numberText(value)
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`
  if (value instanceof Set) return `{${[...value].map(text).sort().join(' ')}}`
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  const map = value as Record<string, unknown>
  const names = Object.keys(map).sort()
  return `(${names.map((name) => `${JSON.stringify(name)}: ${text(map[name])}`).join(', ')})`
}
