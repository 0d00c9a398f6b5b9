/**
 * One process at a time may write to a folder. Nothing that a dead process leaves behind keeps others out, and nothing
 * is ever taken from a live one, however long it is paused.
 *
 * A holder listens on a socket for as long as it lives; the kernel closes it when the process ends, in whatever way.
 * Who wants the folder reads the newest claim, a file EPOCH-<n>, and connects to its socket: connected means alive,
 * refused means dead. A new claim is made with `link`, which lets exactly one of several contenders create EPOCH-<n+1>.
 * Claims are never taken over or reused, so there is no moment at which a stale one could be confused with a fresh one.
 * Compared with other ways, and tried under thousands of kills: architecture/decision/0003-process-lock.md.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { DatabaseLockedError } from '../../errors.js'

export interface ProcessLock {
  /** Grows with every claim of a folder. */
  readonly epoch: number
  /**
   * Whether the claim still counts: somebody may have removed it, or its socket, by force, and made the next one, or have
   * moved the folder away.
   *
   * @param look A glance takes half the time. It does not notice that a folder around this one was moved.
   */
  isHeld(look?: 'glance'): boolean
  release(): Promise<void>
}

interface Claim {
  readonly epoch: number
  readonly pid: number
  readonly host: string
  /** Which machine, and since which start of it; undefined where the system does not say. */
  readonly machineId: string | undefined
  readonly bootId: string | undefined
  /** A name in the folder, or a path outside of it. */
  readonly socket: string
  readonly startedAt: string
  readonly released?: true
}

/** Older claims than this many are removed. */
const KEPT_CLAIMS = 3
/** A unix socket's path may be this long; Node before 22 cuts off what is longer, without a word. */
const SOCKET_PATH_LIMIT = 103
const CONTENDERS_LIMIT = 1000
/** Who wants the folder has staked a claim, or given up, long before this. */
const CONTENDING_MS = 60 * 60 * 1000
/** Of what happens within a tick of the kernel's clock, files keep the same time: it has 100 a second at least. */
const LONGEST_TICK_MS = 50
const SOCKET_NAME = /^lock-[0-9a-f]+\.sock$/

/** @throws {DatabaseLockedError} When a live process has it, which may be this one. */
export async function acquireProcessLock(root: string): Promise<ProcessLock> {
  const listener = await listen(root)
  try {
    for (let attempt = 0; attempt < CONTENDERS_LIMIT; attempt++) {
      const newest = newestClaim(root)
      if (newest?.claim !== undefined && (await isAlive(root, newest.claim))) {
        throw new DatabaseLockedError(root, newest.claim)
      }
      const epoch = (newest?.epoch ?? 0) + 1
      const claim: Claim = {
        epoch,
        pid: process.pid,
        host: os.hostname(),
        machineId: machineId(),
        bootId: bootId(),
        socket: listener.socket,
        startedAt: new Date().toISOString(),
      }
      if (!stakeClaim(root, claim)) continue
      // Somebody may have been faster by several claims, with ours already removed as an old one.
      if (newestClaim(root)?.epoch !== epoch) {
        fs.rmSync(claimPath(root, epoch), { force: true })
        continue
      }
      removeOldClaims(root, epoch)
      await removeDeadSockets(root)
      return new HeldLock(root, claim, listener)
    }
    throw new Error(`Cannot lock "${root}": too many processes want it at the same moment`)
  } catch (failure) {
    await listener.close()
    throw failure
  }
}

class HeldLock implements ProcessLock {
  readonly epoch: number
  readonly #root: string
  readonly #claim: Claim
  /** Of the claim's file. It is open as long as we hold it, so that no other file is given its number. */
  readonly #descriptor: number
  readonly #inode: number
  /** Of the folder, where its times can be relied on. */
  readonly #directory: number | undefined
  /** What the folder's time was when it was looked into and nothing else could happen at that time any more. */
  #knownTime: number | undefined
  readonly #listener: Listener
  #released: Promise<void> | undefined

  constructor(root: string, claim: Claim, listener: Listener) {
    this.epoch = claim.epoch
    this.#root = root
    this.#claim = claim
    this.#listener = listener
    this.#descriptor = fs.openSync(claimPath(root, claim.epoch), 'r')
    try {
      this.#inode = fs.fstatSync(this.#descriptor).ino
    } catch (failure) {
      fs.closeSync(this.#descriptor)
      throw failure
    }
    this.#directory = isSharedDisk(root) ? undefined : listener.directory
  }

  isHeld(look?: 'glance'): boolean {
    try {
      return look === undefined || this.#directory === undefined ? this.#isNewest() : this.#isUnchanged(this.#directory)
    } catch {
      // Whoever may not look any more, or can't, does not know.
      return false
    }
  }

  #isUnchanged(directory: number): boolean {
    const { ctimeMs } = fs.fstatSync(directory)
    if (ctimeMs === this.#knownTime) return true
    const isHeld = this.#isNewest()
    if (isHeld && Date.now() - ctimeMs > LONGEST_TICK_MS) this.#knownTime = ctimeMs
    return isHeld
  }

  #isNewest(): boolean {
    const found = fs.statSync(claimPath(this.#root, this.epoch), { throwIfNoEntry: false })
    // Whoever could not reach our socket, as somebody had removed it, made the next claim and left ours.
    return found?.ino === this.#inode && !fs.existsSync(claimPath(this.#root, this.epoch + 1))
  }

  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  async #release(): Promise<void> {
    // For machines that can't reach our socket: nobody has it any more.
    if (this.isHeld()) {
      try {
        const released: Claim = { ...this.#claim, released: true }
        fs.writeFileSync(claimPath(this.#root, this.epoch), JSON.stringify(released))
      } catch {
        // The socket says it as well.
      }
    }
    fs.closeSync(this.#descriptor)
    await this.#listener.close()
  }
}

interface Listener {
  readonly socket: string
  /** A descriptor of the folder, where the socket is reached through one. */
  readonly directory?: number | undefined
  close(): Promise<void>
}

/** Listens on a socket in the folder, so that other containers that share the folder reach it too. */
async function listen(root: string): Promise<Listener> {
  const name = `lock-${randomBytes(8).toString('hex')}.sock`
  const server = net.createServer((connection) => connection.destroy())
  server.unref()
  if (process.platform === 'win32') {
    const socket = `\\\\.\\pipe\\dynafile-${name}`
    await listenOn(server, socket)
    return { socket, close: () => closeServer(server) }
  }
  // Through the descriptor of the folder its path can be of any length.
  const directory = process.platform === 'linux' ? fs.openSync(root, 'r') : undefined
  const local = directory === undefined ? `${root}/${name}` : `/proc/self/fd/${directory}/${name}`
  const close = async () => {
    await closeServer(server)
    if (directory !== undefined) fs.closeSync(directory)
  }
  try {
    if (local.length > SOCKET_PATH_LIMIT) throw Object.assign(new Error('path too long'), { code: 'ENAMETOOLONG' })
    await listenOn(server, local)
    return { socket: name, directory, close }
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code ?? ''
    // Some shared folders of virtual machines have no sockets: then one in the temporary folder of this machine.
    if (!['ENAMETOOLONG', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL'].includes(code)) {
      await close()
      throw failure
    }
    const socket = `${os.tmpdir()}/dynafile-${name}`
    await listenOn(server, socket)
    return { socket, directory, close }
  }
}

function listenOn(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

function closeServer(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Whether the holder of a claim still lives, as far as can be known: in doubt it does. */
async function isAlive(root: string, claim: Claim): Promise<boolean> {
  if (claim.released === true) return false
  const isThisKernel = claim.bootId === undefined ? claim.host === os.hostname() : claim.bootId === bootId()
  if (isThisKernel) return canConnect(root, claim.socket)
  // Another start of this machine, or another machine that had this disk: neither has it now. A shared disk may have
  // both at once, and we can't reach the other one's socket.
  const isThisMachine = claim.machineId !== undefined && claim.machineId === machineId()
  return !isThisMachine && isSharedDisk(root)
}

async function canConnect(root: string, socket: string): Promise<boolean> {
  const isLocal = !socket.includes('/') && !socket.includes('\\')
  const directory = isLocal && process.platform === 'linux' ? fs.openSync(root, 'r') : undefined
  const path = !isLocal
    ? socket
    : directory === undefined
      ? `${root}/${socket}`
      : `/proc/self/fd/${directory}/${socket}`
  try {
    return await new Promise((resolve) => {
      const connection = net.connect({ path })
      connection.once('connect', () => {
        connection.destroy()
        resolve(true)
      })
      connection.once('error', (failure: NodeJS.ErrnoException) => {
        resolve(failure.code !== 'ECONNREFUSED' && failure.code !== 'ENOENT')
      })
    })
  } finally {
    if (directory !== undefined) fs.closeSync(directory)
  }
}

/** Makes a claim visible, whole, to exactly one contender for its number. */
function stakeClaim(root: string, claim: Claim): boolean {
  const temporary = `${root}/EPOCH-${claim.epoch.toString().padStart(12, '0')}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writeClaim(temporary, claim)
    fs.linkSync(temporary, claimPath(root, claim.epoch))
    return true
  } catch (failure) {
    // Taken by another contender, who may have removed our temporary file as an old one: try again.
    if (['EEXIST', 'ENOENT'].includes((failure as NodeJS.ErrnoException).code ?? '')) return false
    throw failure
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function writeClaim(path: string, claim: Claim): void {
  const descriptor = fs.openSync(path, 'wx', 0o600)
  try {
    // All of it, where `writeSync` may write a part: a claim that can't be read is nobody's.
    fs.writeFileSync(descriptor, JSON.stringify(claim))
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function newestClaim(root: string): { readonly epoch: number; readonly claim: Claim | undefined } | undefined {
  const epoch = Math.max(...claimsIn(root))
  if (epoch < 1) return undefined
  try {
    return { epoch, claim: JSON.parse(fs.readFileSync(claimPath(root, epoch), 'utf8')) as Claim }
  } catch (failure) {
    // A claim that can't be read was cut off when its holder released it, or it was removed just now.
    if (failure instanceof SyntaxError || (failure as NodeJS.ErrnoException).code === 'ENOENT') {
      return { epoch, claim: undefined }
    }
    throw failure
  }
}

function removeOldClaims(root: string, epoch: number): void {
  for (const old of claimsIn(root)) {
    if (old > epoch - KEPT_CLAIMS) continue
    const path = claimPath(root, old)
    try {
      const { socket } = JSON.parse(fs.readFileSync(path, 'utf8')) as Claim
      if (SOCKET_NAME.test(socket)) fs.rmSync(`${root}/${socket}`, { force: true })
    } catch {
      // What can't be read names no socket.
    }
    fs.rmSync(path, { force: true })
  }
  // What contenders left that were killed between writing a claim and staking it.
  for (const name of fs.readdirSync(root)) {
    const number = /^EPOCH-(\d{12})\.[0-9a-f]+\.tmp$/.exec(name)?.[1]
    if (number !== undefined && Number(number) <= epoch) fs.rmSync(`${root}/${name}`, { force: true })
  }
}

/** Those that contenders left which were killed before they staked a claim: nobody answers. */
async function removeDeadSockets(root: string): Promise<void> {
  for (const name of fs.readdirSync(root)) {
    if (!SOCKET_NAME.test(name)) continue
    try {
      const { mtimeMs } = fs.lstatSync(`${root}/${name}`)
      // On a shared disk it may be another machine's, whom we can't ask.
      if (Date.now() - mtimeMs < CONTENDING_MS || (await canConnect(root, name))) continue
      fs.rmSync(`${root}/${name}`, { force: true })
    } catch {
      // Whatever it is, the folder is ours without that.
    }
  }
}

function claimsIn(root: string): number[] {
  const numbers = fs.readdirSync(root).map((name) => /^EPOCH-(\d{12})$/.exec(name)?.[1])
  return [0, ...numbers.filter((number) => number !== undefined).map(Number)]
}

function claimPath(root: string, epoch: number): string {
  return `${root}/EPOCH-${epoch.toString().padStart(12, '0')}`
}

/** The kernel's identity since it started; the same in all containers on it. */
function bootId(): string | undefined {
  return firstLineOf('/proc/sys/kernel/random/boot_id')
}

function machineId(): string | undefined {
  return firstLineOf('/etc/machine-id')
}

function firstLineOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/** NFS, SMB, CIFS, 9p and FUSE: several machines may have them at once. */
const SHARED_DISKS = new Set([0x6969, 0xfe534d42, 0xff534d42, 0x01021997, 0x65735546])

function isSharedDisk(root: string): boolean {
  try {
    return SHARED_DISKS.has(fs.statfsSync(root).type)
  } catch {
    return true
  }
}
