/** Every mutant can still be made: a rule that moved or was written differently would be one that nothing breaks any more. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { INDEX_MUTANTS, MUTANTS } from './mutants.js'

const all = [...MUTANTS.map((mutant) => ({ ...mutant, file: `storage/${mutant.file}` })), ...INDEX_MUTANTS]

test.each(all)('$name', ({ file, from }) => {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')
  expect(source.split(from).length - 1, `"${from}" in ${file}`).toBe(1)
})
