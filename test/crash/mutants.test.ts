/** Every mutant can still be made: a rule that moved or was written differently would be one that nothing breaks any more. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.js'

test.each(MUTANTS)('$name', ({ file, from }) => {
  const source = readFileSync(new URL(`../../src/storage/${file}`, import.meta.url), 'utf8')
  expect(source.split(from).length - 1, `"${from}" in ${file}`).toBe(1)
})
