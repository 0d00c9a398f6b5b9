import { describe, expect, it } from 'vitest'
import { fromLocalFlags, LOCAL_FOLDER } from '../../../src/cli/local-flags.js'

describe("DynamoDB Local's flags", () => {
  it('leaves our own arguments as they are', () => {
    const argv = ['./data', '--port', '8000', '--seed', 'tables.json']
    expect(fromLocalFlags(argv)).toBe(argv)
  })

  it.each([
    [['-inMemory'], ['--memory']],
    [
      ['-port', '9000', '-inMemory', '-sharedDb'],
      ['--port', '9000', '--memory'],
    ],
    [['-dbPath', '/var/data', '-optimizeDbBeforeStartup'], ['/var/data']],
    [
      ['-inMemory', '-cors', 'a.example,b.example', '-disableTelemetry'],
      ['--memory', '--cors', 'a.example,b.example'],
    ],
    [
      ['-inMemory', '-delayTransientStatuses'],
      ['--memory', '--table-delay', '1000'],
    ],
    [['-help'], ['--help']],
    [
      ['-inMemory', '--seed', 'tables.json'],
      ['--memory', '--seed', 'tables.json'],
    ],
    [
      ['./data', '-port', '9000'],
      ['./data', '--port', '9000'],
    ],
    [
      ['-port', '8000', './data'],
      ['--port', '8000', './data'],
    ],
    [['-sharedDb', '--memory'], ['--memory']],
    [
      ['--region', 'eu-west-1', '-sharedDb', './data', '--seed=tables.json'],
      ['--region', 'eu-west-1', './data', '--seed=tables.json'],
    ],
    [
      ['--auth', '-port:x', '-port', '1', '-inMemory'],
      ['--auth', '-port:x', '--port', '1', '--memory'],
    ],
  ])('takes %j for %j', (local, ours) => {
    expect(fromLocalFlags(local)).toEqual(ours)
  })

  it('keeps the data where it was started when it is told nothing else', () => {
    expect(fromLocalFlags(['-sharedDb', '-port', '9000'])).toEqual(['--port', '9000', LOCAL_FOLDER])
  })

  it("takes no flag's value for the place", () => {
    const argv = ['-sharedDb', '--seed', 'tables.json', '--region=eu-west-1']
    expect(fromLocalFlags(argv)).toEqual([...argv.slice(1), LOCAL_FOLDER])
  })

  it('makes nothing up for a flag without its value', () => {
    expect(fromLocalFlags(['-inMemory', '-port'])).toEqual(['--memory', '--port', ''])
  })
})
