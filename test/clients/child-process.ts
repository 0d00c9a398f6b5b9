/** Programs that tests start, spoken to over HTTP, and ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A program that goes on until it is stopped. */
export class Program {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  /** What it has said so far, on both streams. */
  output = ''

  constructor(command: string, argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(command, argv, { cwd: ROOT, env: { ...process.env, ...environment } })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    }
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve))
  }

  /** Resolves with what the pattern has found; it is an error when the program ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const hasEnded = this.#ended.then(() => true)
    for (;;) {
      const found = pattern.exec(this.output)
      if (found !== null) return found
      const soon = new Promise<false>((resolve) => setTimeout(() => resolve(false), 20))
      if (await Promise.race([hasEnded, soon])) throw new Error(`Ended before it said ${pattern}:\n${this.output}`)
    }
  }

  /** @returns Its exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.#ended
  }
}

/** `dynafile serve`, as the sources have it. */
export async function serveCommand(...argv: readonly string[]): Promise<{ program: Program; url: string }> {
  const program = new Program(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'serve', '--port', '0', ...argv])
  const [url] = await program.said(/http:\/\/127\.0\.0\.1:\d+/)
  return { program, url }
}

/** A port that nobody listens on, for programs that can't be told to choose one. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
