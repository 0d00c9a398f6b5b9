/**
 * Runs the crash schedules on each mutant (mutants.ts) and says how soon it was noticed.
 *
 *   npm run test:mutants                       all of them, up to 3,000 schedules each
 *   npm run test:mutants -- --schedules 500
 *   npm run test:mutants -- --only snapshot
 *   npm run test:mutants -- --of indexes       those of the engine's indexes alone
 *
 * Exit code 1 when one was not noticed, or can't be applied to the sources any more.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { INDEX_MUTANTS, MUTANTS, type Mutant } from './mutants.js'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '3000' },
    only: { type: 'string', default: '' },
    of: { type: 'string' },
  },
})
const root = fileURLToPath(new URL('../..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'dynafile-mutants-'))
let isClean = true
try {
  for (const part of ['src', 'test/support', 'test/crash', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const all = [
    ...MUTANTS.map((mutant) => ({ mutant: { ...mutant, file: `storage/${mutant.file}` }, of: 'storage' })),
    ...INDEX_MUTANTS.map((mutant) => ({ mutant, of: 'indexes' })),
  ]
  for (const { mutant, of } of all.filter(isWanted)) {
    const outcome = run(mutant, of)
    console.log(`${outcome.padEnd(28)} ${mutant.name}`)
    if (!outcome.startsWith('noticed')) isClean = false
  }
} finally {
  rmSync(copy, { recursive: true })
}
console.log(isClean ? 'All of them were noticed.' : 'Not all were noticed.')
process.exitCode = isClean ? 0 : 1

function isWanted({ mutant, of }: { readonly mutant: Mutant; readonly of: string }): boolean {
  return mutant.name.includes(values.only) && (values.of ?? of) === of
}

function run({ file, from, to }: Mutant, of: string): string {
  const path = join(copy, 'src', file)
  const original = readFileSync(path, 'utf8')
  if (original.split(from).length !== 2) return 'NOT APPLICABLE'
  writeFileSync(
    path,
    original.replace(from, () => to),
  )
  try {
    const arguments_ = ['--import', 'tsx', 'test/crash/main.ts', '--of', of, '--schedules', values.schedules]
    const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, { cwd: copy, encoding: 'utf8' })
    if (status === 0) return 'NOT NOTICED'
    const failed = /Schedule (\d+) failed/.exec(stdout + stderr)
    return failed === null ? 'noticed by a crash' : `noticed by schedule ${failed[1]}`
  } finally {
    writeFileSync(path, original)
  }
}
