/**
 * The mixed run for as long as you like, with samples of what must not grow. An hour is what a release gets:
 *
 *   npm run soak -- --minutes 60
 *   npm run soak -- --minutes 1 --seed 7
 *
 * Exit code 1 when something was wrong.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Sample, soak } from './soak.js'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
})
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dynafile-soak-')))
console.log('seconds  operations  heap MB  memory MB  open files  files')
const line = ({ seconds, operations, heapMb, rssMb, openFiles, files }: Sample) =>
  [
    String(seconds).padStart(7),
    operations.toLocaleString('en').padStart(10),
    heapMb.toFixed(1).padStart(7),
    rssMb.toFixed(0).padStart(9),
    String(openFiles).padStart(10),
    String(files).padStart(5),
  ].join('  ')
const { problems } = await soak({
  folder,
  seconds: Number(values.minutes) * 60,
  seed: Number(values.seed),
  onSample: (sample) => console.log(line(sample)),
})
for (const problem of problems) console.log(problem)
console.log(problems.length === 0 ? 'Nothing was wrong.' : `Wrong; repeat it: --seed ${values.seed}`)
rmSync(folder, { recursive: true, force: true })
process.exitCode = problems.length === 0 ? 0 : 1
