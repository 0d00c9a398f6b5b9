/**
 * Values and items as text that is equal exactly when they are: numbers exactly and with their type, sets without an
 * order, maps without one either. Written without the engine's own notion of equality, which it is there to check.
 */
import { Decimal } from '../../src/index.js'

export function canonical(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Decimal) return `${value}d`
  if (typeof value === 'number') return String(value + 0)
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`
  if (value instanceof Set) return `{${[...value].map(canonical).sort().join(' ')}}`
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`
  const map = value as Record<string, unknown>
  const names = Object.keys(map).sort()
  return `(${names.map((name) => `${JSON.stringify(name)}: ${canonical(map[name])}`).join(', ')})`
}

/** The same, but numbers only by what they are worth: a sum may have another type than what was added. */
export function canonicalWorth(value: unknown): string {
  return canonical(value).replace(/(?<=: |\[|, |^)(-?[\d.]+(?:e[+-]?\d+)?)[nd]?(?=[,)\]]|$)/g, (_, text: string) =>
    Decimal.from(text).toString(),
  )
}
