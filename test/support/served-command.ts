/** `dynafile serve` from its beginning until it has said where it listens, or until it ends by itself. */
import { Readable, Writable } from 'node:stream'
import { run } from '../../src/cli/run.js'
import { collecting } from './collecting.js'

export async function servedCommand(...options: readonly string[]): Promise<{ code: number; stderr: string }> {
  const interruption = new AbortController()
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.includes('Ctrl-C ends it.')) interruption.abort()
      done()
    },
  })
  const said: Buffer[] = []
  const output = { stdin: Readable.from([]), stdout, stderr: collecting(said) }
  const code = await run(['serve', '--port', '0', ...options], output, interruption.signal)
  return { code, stderr: Buffer.concat(said).toString() }
}
