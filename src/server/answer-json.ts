/**
 * Answers as JSON: `JSON.stringify`, after bytes became base64. Most answers hold none; those are looked through (a seventh
 * of what writing them costs) and written as they are.
 */
import type { Members } from './performer.js'

export function jsonOfAnswer(answer: Members): string {
  return JSON.stringify(withoutBytes(answer))
}

function withoutBytes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  }
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined
    for (let at = 0; at < value.length; at++) {
      const element: unknown = value[at]
      const written = withoutBytes(element)
      if (written !== element) (copy ??= value.slice())[at] = written
    }
    return copy ?? value
  }
  const fields = value as Record<string, unknown>
  let copy: Record<string, unknown> | undefined
  for (const name in fields) {
    const field = fields[name]
    const written = withoutBytes(field)
    // The name is the copy's own, so even `__proto__` is but a name.
    if (written !== field) (copy ??= { ...fields })[name] = written
  }
  return copy ?? fields
}
