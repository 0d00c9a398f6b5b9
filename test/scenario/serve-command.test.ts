/** `dynafile serve`: what it answers, what it prints, and how it ends. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { run } from '../../src/cli/run.js'
import { LocalBackend } from '../../src/engine/local-backend.js'
import { open } from '../../src/index.js'

let root: string
const running: Serving[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dynafile-serve-'))
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((serving) => serving.stop()))
  rmSync(root, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation answers
  readonly body: any
}

/** A command that serves, until it is stopped. */
class Serving {
  readonly #interruption = new AbortController()
  readonly #exit: Promise<number>
  stdout = ''
  stderr = ''

  constructor(argv: readonly string[]) {
    const write = (take: (text: string) => void) =>
      new Writable({
        write(chunk: Buffer, _, done) {
          take(chunk.toString())
          done()
        },
      })
    const stdout = write((text) => {
      this.stdout += text
    })
    const stderr = write((text) => {
      this.stderr += text
    })
    this.#exit = run(['serve', ...argv], { stdin: Readable.from([]), stdout, stderr }, this.#interruption.signal)
  }

  get url(): string {
    return /http:\/\/[^: ]+:\d+/.exec(this.stdout)![0]
  }

  async started(): Promise<this> {
    while (!this.stdout.includes('Ctrl-C')) await new Promise((resolve) => setTimeout(resolve, 2))
    return this
  }

  /** Its exit code, when it ends by itself. */
  get exit(): Promise<number> {
    return this.#exit
  }

  stop(): Promise<number> {
    this.#interruption.abort()
    return this.#exit
  }

  async ask(operation: string, input: object): Promise<Answer> {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00'
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20261121T120000Z',
        authorization,
      },
      body: JSON.stringify(input),
    })
    return { status: response.status, body: await response.json() }
  }
}

async function serving(...argv: string[]): Promise<Serving> {
  const command = new Serving([...argv, '--port', '0'])
  running.push(command)
  return command.started()
}

async function failing(...argv: string[]): Promise<{ code: number; stderr: string }> {
  const command = new Serving(argv)
  return { code: await command.exit, stderr: command.stderr }
}

function file(name: string, content: string): string {
  writeFileSync(join(root, name), content)
  return join(root, name)
}

const MOVIES = {
  TableName: 'movies',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
}

describe('serving a folder', () => {
  it('makes it, answers requests, and has kept what it acknowledged', async () => {
    const folder = join(root, 'data')
    const server = await serving(folder)
    await server.ask('CreateTable', { ...MOVIES, BillingMode: 'PAY_PER_REQUEST' })
    expect(await server.ask('PutItem', { TableName: 'movies', Item: { id: { S: 'a' }, year: { N: '1927' } } })).toEqual(
      { status: 200, body: {} },
    )
    expect(await server.stop()).toBe(0)
    const database = await open(folder)
    expect(await database.table('movies').get({ id: 'a' })).toEqual({ id: 'a', year: 1927 })
    await database.close()
  })

  it('prints what to paste into an SDK, the aws CLI and Terraform', async () => {
    const { stdout, url } = await serving('--memory')
    expect(stdout).toContain(`Serving memory at ${url}: 0 tables.`)
    expect(stdout).toContain(`new DynamoDBClient({ endpoint: '${url}'`)
    expect(stdout).toContain(`export AWS_ENDPOINT_URL_DYNAMODB=${url}`)
    expect(stdout).toContain(`endpoints { dynamodb = "${url}" }`)
  })

  it('never prints a secret', async () => {
    const server = await serving('--memory', '--auth', 'AKID:very-secret', '--read-only', 'READER:also-secret')
    expect(server.stdout + server.stderr).not.toMatch(/very-secret|also-secret/)
    expect((await server.ask('ListTables', {})).body.__type).toMatch(/InvalidSignature|UnrecognizedClient/)
  })

  it('warns when other machines may come in without a key', async () => {
    expect((await serving('--memory', '--host', '0.0.0.0')).stderr).toContain('--auth key:secret')
    expect((await serving('--memory')).stderr).toBe('')
  })

  it('lets the pages talk to it that it was told of', async () => {
    const { url } = await serving('-inMemory', '-cors', 'http://a:3000,b.example')
    const allowed = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' }
      const response = await fetch(url, { method: 'OPTIONS', headers })
      return response.headers.get('access-control-allow-origin')
    }
    expect(await allowed('http://a:3000')).toBe('http://a:3000')
    expect(await allowed('https://b.example')).toBe('https://b.example')
    expect(await allowed('http://evil.example')).toBe(null)
  })

  it('answers to the names that it was told of', async () => {
    const status = async (...argv: string[]) => {
      const { hostname, port } = new URL((await serving('--memory', ...argv)).url)
      return new Promise((resolve, reject) => {
        const headers = { host: 'host.docker.internal' }
        get({ hostname, port, headers }, (response) => resolve(response.resume().statusCode)).on('error', reject)
      })
    }
    expect(await status()).toBe(400)
    expect(await status('--allow-host', 'other,host.docker.internal')).toBe(200)
  })

  it('says what it did not expect to who runs it, and not to who sent the request', async () => {
    const server = await serving('--memory')
    const names = vi.spyOn(LocalBackend.prototype, 'tableNames').mockImplementation(() => {
      throw new TypeError('names is not a list')
    })
    const { status, body } = await server.ask('ListTables', {})
    names.mockRestore()
    expect([status, body.message]).toEqual([500, 'Internal server error'])
    expect(server.stderr).toBe('dynafile: a request failed: TypeError: names is not a list\n')
  })

  it("takes DynamoDB Local's flags", async () => {
    const server = await serving('-inMemory', '-sharedDb')
    expect((await server.ask('ListTables', {})).body).toEqual({ TableNames: [] })
  })
})

describe('a seed', () => {
  const seeds = [
    { ...MOVIES, data: [{ id: 'a', tags: new Set(['x']).size, list: [1, 'two'] }], Items: [{ id: { S: 'b' } }] },
  ]

  it('is a JSON file with tables and their items', async () => {
    const server = await serving('--memory', '--seed', file('tables.json', JSON.stringify(seeds)))
    expect(server.stdout).toContain('Seeded 1 table with 2 items.')
    const { body } = await server.ask('Scan', { TableName: 'movies' })
    expect(body.Items).toHaveLength(2)
    expect(body.Items).toContainEqual({ id: { S: 'a' }, tags: { N: '1' }, list: { L: [{ N: '1' }, { S: 'two' }] } })
  })

  it('is a module, as presets for DynamoDB Local have it', async () => {
    const module = file('tables.mjs', `export default async () => ({ tables: ${JSON.stringify(seeds)} })`)
    expect((await serving('--memory', '--seed', module)).stdout).toContain('Seeded 1 table with 2 items.')
  })

  it('leaves tables that are there as they are', async () => {
    const folder = join(root, 'data')
    const seed = file('tables.json', JSON.stringify(seeds))
    const first = await serving(folder, '--seed', seed)
    await first.ask('DeleteItem', { TableName: 'movies', Key: { id: { S: 'a' } } })
    await first.stop()
    const second = await serving(folder, '--seed', seed)
    expect(second.stdout).toContain('There already: movies')
    expect((await second.ask('Scan', { TableName: 'movies' })).body.Count).toBe(1)
  })

  it.each([
    ['nothing.json', undefined, /--seed: .*no such file/],
    ['broken.json', '{', /--seed: /],
    ['numbers.json', '[1, 2]', /table 1 is not an object with a TableName/],
    ['items.json', JSON.stringify([{ ...MOVIES, data: 5 }]), /"data" of the table movies is not a list/],
  ])('that is not one is refused: %s', async (name, content, message) => {
    const path = content === undefined ? join(root, name) : file(name, content)
    const { code, stderr } = await failing('--memory', '--seed', path)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('is checked as a request is, and nothing is served when it is refused', async () => {
    const seed = file('bad.json', JSON.stringify([{ ...MOVIES, TableName: 'no' }]))
    const { code, stderr } = await failing('--memory', '--port', '0', '--seed', seed)
    expect(code).toBe(1)
    expect(stderr).toContain("Value 'no' at 'tableName' failed to satisfy constraint")
  })
})

describe('faults', () => {
  it('are what was asked for', async () => {
    const server = await serving('--memory', '--seed', file('t.json', JSON.stringify([MOVIES])), '--throttle', '1')
    const { status, body } = await server.ask('GetItem', { TableName: 'movies', Key: { id: { S: 'a' } } })
    expect(status).toBe(400)
    expect(body.__type).toBe('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException')
  })
})

describe('called in a wrong way', () => {
  it.each([
    [['--port', 'eighty']],
    [['--port', '65536']],
    [['--throttle', '2']],
    [['--unprocessed', '']],
    [['--latency', '9-3']],
    [['--latency', 'soon']],
    [['--auth', 'no-secret']],
    [['--console']],
    [['somewhere', '--memory']],
  ])('it says so, with exit code 2: %j', async (argv) => {
    const { code, stderr } = await failing(...argv)
    expect(code).toBe(2)
    expect(stderr).not.toBe('')
    expect(existsSync('somewhere')).toBe(false)
  })

  it('says that a port is taken, and closes the folder', async () => {
    const first = await serving('--memory')
    const folder = join(root, 'data')
    const { code, stderr } = await failing(folder, '--port', new URL(first.url).port)
    expect(code).toBe(2)
    expect(stderr).toContain('is taken')
    await (await open(folder)).close()
  })
})
