/** `dynafile serve`: DynamoDB's protocol over HTTP, from a folder or from memory, until it is interrupted. */
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../base/clock.js'
import { type Database, open } from '../../database.js'
import { ValidationException } from '../../errors.js'
import { AwsError } from '../../server/aws-error.js'
import type { FaultOptions } from '../../server/faults.js'
import { isLoopback } from '../../server/host-rule.js'
import { type SeedReport, type SeedTable, seedTables } from '../../server/seed.js'
import type { Server } from '../../server/served-database.js'
import type { AuthKey } from '../../server/signature.js'
import { nameList, UsageError, wholeNumber } from '../arguments.js'
import type { CommandContext } from '../command-context.js'
import { FailureLines } from '../failure-lines.js'
import { counted } from '../output.js'

interface ServeCommandOptions {
  readonly port: number
  readonly host: string
  readonly memory?: true
  readonly seed?: string
  readonly region: string
  readonly auth?: readonly AuthKey[]
  readonly readOnly?: readonly AuthKey[]
  readonly cors: readonly string[]
  readonly allowHost: readonly string[]
  readonly tableDelay: number
  readonly throttle: number
  readonly unprocessed: number
  readonly conflict: number
  readonly latency: readonly [least: number, most: number]
  readonly faultSeed: number
  readonly console?: true
}

const HELP = `
Without a folder, or with --memory, everything is forgotten at the end.

A seed file is JSON, or a module with a default export: a list of CreateTable requests, each with "data" (plain items) or
"Items" (as DynamoDB writes them). Tables that are there already stay as they are. Files that presets for DynamoDB Local
read ("tables: []") will do.

Anybody on this machine may come in, with any credentials; other machines may not. With --auth requests have to be signed
with that key. --host 0.0.0.0 lets other machines in. Until then it answers to addresses and to localhost; --allow-host adds
names that lead to this machine, such as host.docker.internal.

Faults are what a program has to be ready for on Amazon DynamoDB: shares from 0 to 1 of the requests, chosen by --fault-seed.

DynamoDB Local's own flags are understood: -port -inMemory -dbPath -sharedDb -cors -delayTransientStatuses
-optimizeDbBeforeStartup -disableTelemetry.

Examples:
  $ dynafile serve ./data
  $ dynafile serve --memory --port 0 --seed tables.json
  $ dynafile serve ./data --host 0.0.0.0 --auth AKIDEXAMPLE:secret --read-only AKIDREADER:other
  $ dynafile serve --memory --throttle 0.05 --unprocessed 0.2 --latency 5-50
  $ dynafile serve -port 8000 -inMemory -sharedDb`

export function addServe(program: Command, context: CommandContext): Command {
  return program
    .command('serve')
    .description("Speak DynamoDB's protocol, for any AWS SDK.")
    .argument('[folder]', 'the folder of the database, made if it is not there')
    .option('--port <number>', 'where to listen; 0 is any free port', portNumber, 8000)
    .option('--host <name>', 'for whom: 127.0.0.1 is this machine alone', name, '127.0.0.1')
    .option('--memory', 'no folder: forgotten at the end')
    .option('--seed <file>', 'tables to begin with')
    .option('--region <name>', 'what stands in ARNs', name, 'us-east-1')
    .option('--auth <key:secret>', 'who may read and write; may be given several times', authKeys)
    .option('--read-only <key:secret>', 'who may read; may be given several times', authKeys)
    .option('--cors <origins>', 'whose pages may talk to it from a browser', nameList, ['*'])
    .option('--allow-host <names>', 'by which other names it may be called, such as host.docker.internal', nameList, [])
    .option('--table-delay <ms>', 'how long tables take to become active, and to go', wholeNumber(0), 0)
    .option('--throttle <share>', 'refuse so many reads and writes as throttled', share, 0)
    .option('--unprocessed <share>', 'leave so many members of batches unprocessed', share, 0)
    .option('--conflict <share>', 'let so many writes meet a transaction', share, 0)
    .option('--latency <ms>', 'answer so much later: 20, or 5-50', latency, [0, 0])
    .option('--fault-seed <number>', 'which requests it meets', wholeNumber(0), 1)
    .addOption(new Option('--console', 'reserved').hideHelp())
    .addHelpText('after', HELP)
    .action((folder: string | undefined, options: ServeCommandOptions) => serve(context, folder, options))
}

async function serve(context: CommandContext, folder: string | undefined, options: ServeCommandOptions): Promise<void> {
  if (options.console === true) throw new UsageError('--console is a name for later: there is no console yet')
  if (folder !== undefined && options.memory === true) throw new UsageError('either a folder or --memory, not both')
  const seed = options.seed === undefined ? undefined : await readSeed(options.seed)
  const database = await open(folder ?? 'memory:')
  try {
    const failures = new FailureLines((line) => void context.stderr.line(line).catch(() => {}), systemClock)
    const server = await listen(database, options, { seed, onFailure: (failure) => failures.add(failure) })
    try {
      await report(context, database, server, options)
      await untilAborted(context.signal)
    } finally {
      await server.close()
      failures.end()
    }
  } finally {
    await database.close()
  }
}

async function listen(
  database: Database,
  options: ServeCommandOptions,
  { seed, onFailure }: { seed: readonly SeedTable[] | undefined; onFailure: (failure: unknown) => void },
): Promise<Server> {
  const { port, host, region, cors, allowHost, tableDelay, auth = [], readOnly = [] } = options
  const keys = [...auth, ...readOnly.map((key) => ({ ...key, readOnly: true }))]
  try {
    return await database.serve({
      port,
      host,
      region,
      cors,
      allowHosts: allowHost,
      tableDelayMs: tableDelay,
      faults: faultsOf(options),
      onFailure,
      ...(keys.length === 0 ? {} : { auth: keys }),
      ...(seed === undefined ? {} : { seed }),
    })
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new UsageError(`port ${port} is taken: choose another one, or 0 for any`)
    if (code === 'EACCES') throw new UsageError(`port ${port} may not be used: choose one from 1024 on`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new UsageError(`"${host}" is not this machine`)
    // What the file has in it was not typed.
    const isRefused =
      failure instanceof AwsError || (failure instanceof ValidationException && failure.code !== 'OPTION')
    if (isRefused) {
      throw new Error(`--seed: ${failure.message}`, { cause: failure })
    }
    throw failure
  }
}

function faultsOf({ throttle, unprocessed, conflict, latency, faultSeed }: ServeCommandOptions): FaultOptions {
  return { throttle, unprocessed, conflict, latencyMs: latency, seed: faultSeed }
}

/** What was started, and what to paste where. */
async function report(
  { stdout, stderr }: CommandContext,
  database: Database,
  { url, seeded }: Server,
  { host, auth, readOnly, region }: ServeCommandOptions,
): Promise<void> {
  const isOpen = auth === undefined && readOnly === undefined
  const key = auth?.[0] ?? readOnly?.[0]
  const [id, secret] = key === undefined ? ['any', 'any'] : [key.accessKeyId, '<secret>']
  const isMemory = database.path === 'memory:'
  const tables = counted(database.tables().length, 'table')
  await stdout.line(`Serving ${isMemory ? 'memory' : database.path} at ${url}: ${tables}.`)
  if (isMemory) await stdout.line('Nothing is kept when it ends: give it a folder to keep it.')
  if (seeded !== undefined) await stdout.line(seededLine(seeded))
  await stdout.line(`
AWS SDK for JavaScript
  new DynamoDBClient({ endpoint: '${url}', region: '${region}', credentials: { accessKeyId: '${id}', secretAccessKey: '${secret}' } })

aws CLI and the other SDKs
  export AWS_ENDPOINT_URL_DYNAMODB=${url} AWS_REGION=${region} AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}
  aws dynamodb list-tables

Terraform
  provider "aws" {
    region                      = "${region}"
    access_key                  = "${id}"
    secret_key                  = "${secret}"
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true
    endpoints { dynamodb = "${url}" }
  }

Ctrl-C ends it.`)
  if (isOpen && isForOthers(url)) {
    await stderr.line(`Whoever reaches ${host} can read and write everything: --auth key:secret asks for a signature.`)
  }
}

/** Whether other machines get there, by where it listens and not by what was typed; `localhost` stands for everywhere. */
function isForOthers(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || !isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
}

function seededLine({ created, kept, itemCount }: SeedReport): string {
  const made = `Seeded ${counted(created.length, 'table')} with ${counted(itemCount, 'item')}.`
  return kept.length === 0 ? made : `${made} There already: ${kept.join(', ')}.`
}

/** @throws {UsageError} When the file can't be read, or has something else in it. */
async function readSeed(file: string): Promise<readonly SeedTable[]> {
  try {
    if (extname(file) === '.json') return seedTables(JSON.parse(await readFile(file, 'utf8')), file)
    const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown }
    const { default: content = module } = module
    return seedTables(typeof content === 'function' ? await content() : await content, file)
  } catch (cause) {
    throw new UsageError(`--seed: ${(cause as Error).message}`, { cause })
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** An empty one comes of a variable of the shell that is not set. */
function name(text: string): string {
  if (text.trim() === '') throw new UsageError("it can't be empty")
  return text
}

function portNumber(text: string): number {
  const port = wholeNumber(0)(text)
  if (port > 65_535) throw new UsageError('a port is a number up to 65535')
  return port
}

function share(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && number <= 1)) throw new UsageError('a share is a number from 0 to 1: 0.05')
  return number
}

function latency(text: string): readonly [number, number] {
  const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text)
  if (match === null) throw new UsageError('a latency is a number of milliseconds, or the least and the most: 5-50')
  const least = Number(match[1])
  const most = match[2] === undefined ? least : Number(match[2])
  if (most < least) throw new UsageError('of a latency the least comes first: 5-50')
  return [least, most]
}

/** `key:secret`; given several times, they add up. */
function authKeys(text: string, earlier: readonly AuthKey[] = []): readonly AuthKey[] {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1)
    throw new InvalidArgumentError('a key is its id and its secret: id:secret')
  return [...earlier, { accessKeyId: text.slice(0, colon), secretAccessKey: text.slice(colon + 1) }]
}
