/**
 * What a newcomer does: packs the project, installs the tarball in an empty folder, and runs the README's code there as
 * an ES module, as CommonJS and from the command line. `npm run check:package` after a build.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dynafile-newcomer-'))
const run = (command, ...parameters) =>
  execFileSync(command, parameters, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const expect = (what, condition) => {
  if (!condition) throw new Error(`The package is not as the README says: ${what}`)
  console.log(`ok: ${what}`)
}

try {
  const [{ filename, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }),
  )
  expect(
    'the tarball holds the build and the documents a reader needs, no sources and no tests',
    files.every(({ path }) => /^(dist\/|README\.md|CHANGELOG\.md|LICENSE|package\.json)/.test(path)),
  )
  writeFileSync(join(folder, 'package.json'), '{ "name": "newcomer", "private": true }')
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, others] = /\nnpm install dynafile([^#\n]*)/.exec(readme)
  const packages = [join(folder, filename), ...others.split(' ').filter((name) => name !== '')]
  run('npm', 'install', '--silent', '--no-audit', '--no-fund', ...packages)

  const code = /```ts\n([\s\S]*?)```/.exec(readme)[1]
  const [, file, printed] = /`node (\S+)`[^\n]*It prints\n\n```text\n([\s\S]*?)```/.exec(readme)
  writeFileSync(join(folder, file), code)
  expect('what it says to install and to run prints what it says', run('node', file) === printed)

  const imports = /import \{ ([^}]*) \} from '([^']*)'[^\n]*\n/g
  const body = code.replace(imports, "const { $1 } = require('$2')\n").replace("'./data'", "'memory:'")
  writeFileSync(join(folder, 'readme.cjs'), `(async () => {\n${body}\n})()`)
  // Node 20 and early 22 warn that require of a module is experimental, on stderr.
  expect('require works too', run('node', 'readme.cjs') === printed)

  const count = `async (dynafile) => {
    const db = await dynafile.open('./counted', { fsync: 'never' })
    const things = db.table(dynafile.table('things', { key: ['id'] }))
    await things.batch((w) => { for (let n = 0; n < 2000; n++) w.put({ id: 'thing ' + n, n }) })
    await db.checkpoint()
    await things.delete({ id: 'thing 0' })
    console.log(await things.scan({ filter: 'n < 1000', workers: 2 }).count())
    await db.close()
  }`
  writeFileSync(join(folder, 'count.mjs'), `import * as dynafile from 'dynafile'\nawait (${count})(dynafile)`)
  writeFileSync(join(folder, 'count.cjs'), `(${count})(require('dynafile'))`)
  for (const file of ['count.mjs', 'count.cjs']) {
    expect(`${file} counts in two threads`, run('node', file) === '999\n')
  }

  const written = `const { open, table } = await import('dynafile')
    const db = await open('./written', { fsync: 'never', threadFromBytes: 0 })
    const things = db.table(table('things', { key: ['id'] }))
    await things.batch((w) => { for (let n = 0; n < 2000; n++) w.put({ id: 'thing ' + n, n }) })
    await db.checkpoint()
    const { hasThread, threadWrittenBytes } = db.stats().background
    console.log(hasThread, threadWrittenBytes > 10_000, await things.scan().count())`
  writeFileSync(join(folder, 'written.mjs'), written)
  expect(
    'files are written in a thread, which keeps nobody from ending',
    run('node', 'written.mjs') === 'true true 2000\n',
  )

  // As agents that watch a process do.
  writeFileSync(
    join(folder, 'agent.cjs'),
    "if (!require('node:worker_threads').isMainThread) setInterval(() => {}, 1000)",
  )
  writeFileSync(join(folder, 'closed.mjs'), `${written.replace('./written', './closed')}\nawait db.close()`)
  const env = { ...process.env, NODE_OPTIONS: `--require ${join(folder, 'agent.cjs')}` }
  for (const file of ['closed.mjs', 'count.mjs']) {
    rmSync(join(folder, 'counted'), { recursive: true, force: true })
    const output = execFileSync('node', [file], { cwd: folder, encoding: 'utf8', env, timeout: 30_000 })
    expect(`what lives on in every thread keeps ${file} from nothing`, output.length > 0)
  }

  const listed = JSON.parse(run('npx', 'dynafile', 'ls', './data', '--json'))
  expect('the command line finds the table', JSON.stringify(listed).includes('orders'))
  const item = run('npx', 'dynafile', 'get', './data', 'orders', 'ada', '2026-11-21', '--json')
  expect('and the item in it', JSON.parse(item).total === 43)
  console.log('The package works for a newcomer.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
