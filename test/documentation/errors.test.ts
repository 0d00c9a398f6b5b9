/** Every code an error can have is explained in docs/reference/errors.md, and nothing else is. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const source = readFileSync(new URL('../../src/errors.ts', import.meta.url), 'utf8')
const page = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8')

test('the page of errors has exactly the codes there are', () => {
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_0-9]+)'$|code(?:: string)? = '([A-Z_]+)'/gm)].map(
    (m) => m[1] ?? m[2]!,
  )
  const explained = [...page.matchAll(/`([A-Z][A-Z_0-9]+)`/g)].map((m) => m[1]!)
  expect([...new Set(explained)].sort()).toEqual([...new Set(codes)].sort())
})
