/**
 * A server whose `host` was an empty text, or no text, as of a variable that is not set, listened on every address of the
 * machine, said `localhost`, and did not look at the names it was called by. Those were not looked at either where a host was
 * another way to write this machine's own address: any page in a browser could read what was there.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isLoopback } from '../../src/server/host-rule.js'
import { servedCommand } from '../support/served-command.js'
import { temporaryDatabase } from '../support/temporary-database.js'

test.each([[''], [' '], [null], [0], [false], [{}], [['127.0.0.1']]])(
  'the host %j is refused, and nobody listens',
  async (host) => {
    const { db } = await temporaryDatabase()
    const listen = vi.spyOn(NetServer.prototype, 'listen')
    onTestFinished(() => listen.mockRestore())
    const refused = {
      code: 'OPTION',
      message: expect.stringMatching(/^Cannot serve: "host" is the name or the address/),
    }
    await expect(db.serve({ port: 0, host } as never)).rejects.toMatchObject(refused)
    expect(listen).not.toHaveBeenCalled()
    expect((await db.serve({ port: 0, host: undefined } as never)).url).toMatch(/127\.0\.0\.1/)
  },
)

test.each([['host.docker.internal'], [['']], [[' ']], [[5]], [null], [5]])(
  'other names that are no list of names are refused: %j',
  async (allowHosts) => {
    const { db } = await temporaryDatabase()
    const refused = { code: 'OPTION', message: expect.stringMatching(/^Cannot serve: "allowHosts" is a list of names/) }
    await expect(db.serve({ port: 0, allowHosts } as never)).rejects.toMatchObject(refused)
  },
)

test('an empty --host is refused with exit code 2, before a folder is made', async () => {
  const root = mkdtempSync(join(tmpdir(), 'dynafile-host-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { code, stderr } = await servedCommand(join(root, 'data'), '--host', '')
  expect(code).toBe(2)
  expect(stderr).toContain('--host')
  expect(readdirSync(root)).toEqual([])
})

test.each([
  ['127.1', false],
  ['localhost', false],
  ['0.0.0.0', true],
])('serve --host %s warns of others who get there: %s', async (host, warns) => {
  const { code, stderr } = await servedCommand('--memory', '--host', host)
  expect(code).toBe(0)
  expect(stderr).toEqual(warns ? expect.stringContaining(`Whoever reaches ${host} can read and write everything`) : '')
})

test.each(['127.1', 'LOCALHOST', '::ffff:127.0.0.1', '2130706433'])(
  'called by a stranger’s name, a server at %s refuses',
  async (host) => {
    const { db } = await temporaryDatabase()
    const server = await db.serve({ port: 0, host }).catch((failure: NodeJS.ErrnoException) => failure.code)
    // Which of them there are is the system's.
    if (typeof server !== 'object') return
    expect(await statusOf(server.port, 'evil.example')).toBe(400)
    expect(await statusOf(server.port, 'localhost')).toBe(200)
  },
)

test('a server for everybody answers to any name', async () => {
  const { db } = await temporaryDatabase()
  expect(await statusOf((await db.serve({ port: 0, host: '0.0.0.0' })).port, 'db.example')).toBe(200)
})

test('an address of this machine alone is known, also as IPv6 writes it', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true)
  for (const address of ['0.0.0.0', '::', '::ffff:10.0.0.1', '10.0.0.1', '1127.0.0.1']) {
    expect(isLoopback(address)).toBe(false)
  }
})

function statusOf(port: AddressInfo['port'], host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const answered = get({ hostname: '127.0.0.1', port, headers: { host } }, (response) => {
      resolve(response.resume().statusCode)
    })
    answered.on('error', reject)
  })
}
