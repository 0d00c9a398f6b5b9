/**
 * The aws CLI (Debian's `awscli` if it is there, otherwise the one on the path) against `dynafile serve`. Without it this is
 * skipped, and says so; DYNAFILE_AWS_CLI names another one.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, serveCommand } from './child-process.js'

const run = promisify(execFile)

const CANDIDATES = [process.env['DYNAFILE_AWS_CLI'], '/usr/bin/aws', 'aws']
const cli = CANDIDATES.find((name) => name !== undefined && isThere(name))
if (cli === undefined) console.warn('aws-cli.test.ts is skipped: there is no aws CLI here (apt-get install awscli)')

function isThere(command: string): boolean {
  if (command.includes('/') && !existsSync(command)) return false
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(cli === undefined)('the aws CLI', { timeout: 180_000 }, () => {
  let folder: string
  let database: Program
  let endpoint: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dynafile-aws-cli-'))
    const { program, url } = await serveCommand(join(folder, 'data'), '--region', 'eu-central-1')
    database = program
    endpoint = url
  })

  afterAll(async () => {
    expect(await database.stop()).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  })

  /** @returns What it prints, as JSON when there is any. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation answers
  async function aws(operation: string, ...argv: readonly (string | object)[]): Promise<any> {
    const args = argv.map((argument) => (typeof argument === 'string' ? argument : JSON.stringify(argument)))
    const env = {
      ...{ PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_DEFAULT_REGION: 'eu-central-1' },
    }
    // Versions before 2.13 don't read AWS_ENDPOINT_URL_DYNAMODB.
    const place = ['--endpoint-url', endpoint, '--output', 'json', '--no-cli-pager']
    const { stdout } = await run(
      cli!,
      ['dynamodb', ...operation.split(' '), ...args, ...place.slice(0, isSecond ? 5 : 4)],
      { env },
    )
    return stdout.trim() === '' ? undefined : JSON.parse(stdout)
  }

  const version = cli === undefined ? '' : execFileSync(cli, ['--version'], { encoding: 'utf8' })
  /** Of the two major versions there are. */
  const isSecond = version.startsWith('aws-cli/2')

  test('makes tables, and waits for them', async () => {
    const { TableDescription } = await aws(
      ...(['create-table', '--table-name', 'songs', '--billing-mode', 'PAY_PER_REQUEST'] as const),
      ...['--attribute-definitions', 'AttributeName=artist,AttributeType=S', 'AttributeName=title,AttributeType=S'],
      ...['AttributeName=year,AttributeType=N'],
      ...['--key-schema', 'AttributeName=artist,KeyType=HASH', 'AttributeName=title,KeyType=RANGE'],
      ...['--global-secondary-indexes'],
      [
        {
          IndexName: 'byYear',
          KeySchema: [{ AttributeName: 'year', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      ...['--tags', 'Key=team,Value=music'],
    )
    expect(TableDescription).toMatchObject({ TableStatus: 'CREATING', TableName: 'songs' })
    await aws('wait table-exists', '--table-name', 'songs')
    const { Table } = await aws('describe-table', '--table-name', 'songs')
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/songs',
    })
    expect((await aws('list-tables')).TableNames).toEqual(['songs'])
    await aws('tag-resource', '--resource-arn', Table.TableArn, '--tags', 'Key=stage,Value=test')
    await aws('untag-resource', '--resource-arn', Table.TableArn, '--tag-keys', 'team')
    const { Tags } = await aws('list-tags-of-resource', '--resource-arn', Table.TableArn)
    expect(Tags).toEqual([{ Key: 'stage', Value: 'test' }])
  })

  test('puts, gets, updates and deletes', async () => {
    const Item = { ...song('Nina', 'Feeling', 1965), cover: { B: Buffer.from('picture').toString('base64') } }
    // The first version encodes what it is given itself.
    const given = isSecond ? Item : { ...Item, cover: { B: 'picture' } }
    await aws('put-item', '--table-name', 'songs', '--item', given)
    const Key = { artist: Item.artist, title: Item.title }
    expect(await aws('get-item', '--table-name', 'songs', '--key', Key)).toEqual({ Item })
    const { Attributes, ConsumedCapacity } = await aws(
      ...([
        'update-item',
        '--table-name',
        'songs',
        '--key',
        Key,
        '--update-expression',
        'SET plays = if_not_exists(plays, :n) + :n',
      ] as const),
      ...['--expression-attribute-values', { ':n': { N: '1' } }, '--return-values', 'UPDATED_NEW'],
      ...['--return-consumed-capacity', 'TOTAL'],
    )
    expect([Attributes, ConsumedCapacity.TableName]).toEqual([{ plays: { N: '2' } }, 'songs'])
    const twice = aws(
      'put-item',
      '--table-name',
      'songs',
      '--item',
      Item,
      '--condition-expression',
      'attribute_not_exists(artist)',
    )
    await expect(twice).rejects.toMatchObject({
      // What the service refuses has a code of its own only in the second version.
      code: isSecond ? 254 : 255,
      stderr: expect.stringContaining(
        '(ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed',
      ),
    })
    const gone = await aws('delete-item', '--table-name', 'songs', '--key', Key, '--return-values', 'ALL_OLD')
    expect(gone.Attributes.plays).toEqual({ N: '2' })
    expect(await aws('get-item', '--table-name', 'songs', '--key', Key)).toBeUndefined()
  })

  test('batches, and files with requests', async () => {
    const file = join(folder, 'songs.json')
    const requests = Array.from({ length: 25 }, (_, i) => ({
      PutRequest: { Item: song(i < 15 ? 'Ella' : 'Nina', `Song ${String(i).padStart(2, '0')}`, 1950 + (i % 5)) },
    }))
    writeFileSync(file, JSON.stringify({ songs: requests }))
    expect(await aws('batch-write-item', '--request-items', `file://${file}`)).toEqual({ UnprocessedItems: {} })
    const Keys = [0, 20].map((i) => {
      const { artist, title } = requests[i]!.PutRequest.Item
      return { artist, title }
    })
    const { Responses, UnprocessedKeys } = await aws('batch-get-item', '--request-items', {
      songs: { Keys, ProjectionExpression: 'title' },
    })
    expect(UnprocessedKeys).toEqual({})
    expect(Responses.songs.map(({ title }: { title: { S: string } }) => title.S).sort()).toEqual(['Song 00', 'Song 20'])
  })

  test('queries and scans, with its own pages', async () => {
    const values = { ':a': { S: 'Ella' }, ':t': { S: 'Song 1' } }
    const found = await aws(
      ...([
        'query',
        '--table-name',
        'songs',
        '--key-condition-expression',
        'artist = :a AND begins_with(title, :t)',
      ] as const),
      ...['--expression-attribute-values', values, '--no-scan-index-forward', '--page-size', '2'],
    )
    expect(found.Items.map(({ title }: { title: { S: string } }) => title.S)).toEqual(
      [14, 13, 12, 11, 10].map((i) => `Song ${i}`),
    )
    const byYear = await aws(
      ...([
        'query',
        '--table-name',
        'songs',
        '--index-name',
        'byYear',
        '--key-condition-expression',
        '#y = :y',
      ] as const),
      ...[
        '--expression-attribute-names',
        { '#y': 'year' },
        '--expression-attribute-values',
        { ':y': { N: '1951' } },
        '--select',
        'COUNT',
      ],
    )
    expect(byYear).toMatchObject({ Count: 5, ScannedCount: 5 })
    const first = await aws('scan', '--table-name', 'songs', '--max-items', '10', '--page-size', '4')
    expect(first.Items).toHaveLength(10)
    const second = await aws('scan', '--table-name', 'songs', '--starting-token', first.NextToken)
    const titles = [...first.Items, ...second.Items].map(({ title }) => title.S)
    expect(new Set(titles).size).toBe(25)
  })

  test('transactions', async () => {
    const Key = { artist: { S: 'Ella' }, title: { S: 'Song 00' } }
    const items = [
      { Put: { TableName: 'songs', Item: song('Billie', 'Blue', 1940) } },
      {
        Update: {
          TableName: 'songs',
          Key,
          UpdateExpression: 'SET loved = :t',
          ExpressionAttributeValues: { ':t': { BOOL: true } },
        },
      },
    ]
    await aws('transact-write-items', '--client-request-token', 'once', '--transact-items', items)
    const { Responses } = await aws('transact-get-items', '--transact-items', [{ Get: { TableName: 'songs', Key } }])
    expect(Responses[0].Item.loved).toEqual({ BOOL: true })
    const failing = [
      { ConditionCheck: { TableName: 'songs', Key, ConditionExpression: 'attribute_not_exists(artist)' } },
    ]
    await expect(aws('transact-write-items', '--transact-items', failing)).rejects.toMatchObject({
      stderr: expect.stringContaining('(TransactionCanceledException)'),
    })
  })

  test('PartiQL statements, alone, in batches and in transactions', async () => {
    await aws(
      'execute-statement',
      '--statement',
      `INSERT INTO songs VALUE {'artist': 'Etta', 'title': 'At Last', 'year': 1960}`,
    )
    const { Items } = await aws(
      ...([
        'execute-statement',
        '--statement',
        'SELECT title FROM songs WHERE artist = ?',
        '--parameters',
        [{ S: 'Etta' }],
      ] as const),
    )
    expect(Items).toEqual([{ title: { S: 'At Last' } }])
    const Statement = (title: string) => ({
      Statement: `SELECT title FROM songs WHERE artist = 'Etta' AND title = '${title}'`,
    })
    const { Responses } = await aws('batch-execute-statement', '--statements', [
      Statement('At Last'),
      Statement('Never'),
    ])
    expect(Responses).toEqual([{ TableName: 'songs', Item: { title: { S: 'At Last' } } }, { TableName: 'songs' }])
    await aws('execute-transaction', '--transact-statements', [
      { Statement: `UPDATE songs SET plays = 1 WHERE artist = 'Etta' AND title = 'At Last'` },
      { Statement: `DELETE FROM songs WHERE artist = 'Billie' AND title = 'Blue'` },
    ])
    const { Items: played } = await aws(
      'execute-statement',
      '--statement',
      `SELECT plays FROM songs WHERE artist = 'Etta'`,
    )
    expect(played).toEqual([{ plays: { N: '1' } }])
  })

  test('changes a table: time to live, an index, protection', async () => {
    await aws(
      'update-time-to-live',
      '--table-name',
      'songs',
      '--time-to-live-specification',
      'Enabled=true,AttributeName=expires',
    )
    const { TimeToLiveDescription } = await aws('describe-time-to-live', '--table-name', 'songs')
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' })
    await aws(
      ...([
        'update-table',
        '--table-name',
        'songs',
        '--attribute-definitions',
        'AttributeName=title,AttributeType=S',
      ] as const),
      '--global-secondary-index-updates',
      [
        {
          Create: {
            IndexName: 'byTitle',
            KeySchema: [{ AttributeName: 'title', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        },
      ],
    )
    await aws('wait table-exists', '--table-name', 'songs')
    const { Count } = await aws(
      ...([
        'query',
        '--table-name',
        'songs',
        '--index-name',
        'byTitle',
        '--key-condition-expression',
        'title = :t',
      ] as const),
      ...['--expression-attribute-values', { ':t': { S: 'At Last' } }],
    )
    expect(Count).toBe(1)
    for (const operation of [
      'describe-limits',
      'describe-endpoints',
      'list-backups',
      'list-global-tables',
      'list-exports',
    ]) {
      expect(await aws(operation)).toBeDefined()
    }
    const { ContinuousBackupsDescription } = await aws('describe-continuous-backups', '--table-name', 'songs')
    expect(ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus).toBe('DISABLED')
  })

  test('deletes a table, and waits until it is gone', async () => {
    await aws('delete-table', '--table-name', 'songs')
    await aws('wait table-not-exists', '--table-name', 'songs')
    await expect(aws('describe-table', '--table-name', 'songs')).rejects.toMatchObject({
      stderr: expect.stringContaining('(ResourceNotFoundException)'),
    })
  })
})

function song(artist: string, title: string, year: number) {
  return { artist: { S: artist }, title: { S: title }, year: { N: String(year) } }
}
