/**
 * A disk that forgets. It keeps what programs wrote (the page cache) apart from what has been synced (the platter), for
 * bytes and for names. `afterPowerCut` gives the disk that a machine might find when it comes back: everything synced,
 * and of the rest a part chosen by the seed - in sectors, out of order, torn, sizes without their bytes, names without
 * their files. It also cuts the power at a given operation, fails on demand, and can leave out any one sync.
 */
import type { FileSystem, OpenFile, SyncPoint } from '../../src/storage/disk/file-system.js'
import type { SeededRandom } from './random.js'
import type { SimulatedScheduler } from './simulated-scheduler.js'

const SECTOR = 512

/** The power went out, or the process was killed: nothing works any more. */
export class CrashError extends Error {
  override readonly name = 'CrashError'
}

interface PendingWrite {
  readonly position: number
  readonly bytes: Buffer
}

/** What was done to a file and is not synced. */
type PendingChange = PendingWrite | { readonly truncatedTo: number }

class FileNode {
  cached: Buffer = Buffer.alloc(0)
  durable: Buffer = Buffer.alloc(0)
  pending: PendingChange[] = []
}

type NameChange =
  | { readonly kind: 'set'; readonly name: string; readonly node: Node }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly node: Node }

class DirectoryNode {
  readonly cached: Map<string, Node> = new Map()
  durable: Map<string, Node> = new Map()
  pending: NameChange[] = []

  change(change: NameChange): void {
    apply(this.cached, change)
    this.pending.push(change)
  }
}

type Node = FileNode | DirectoryNode

/** What of the unsynced a power cut keeps. */
const SURVIVALS = ['none', 'all', 'prefix', 'random', 'names only', 'bytes only'] as const
type Survival = (typeof SURVIVALS)[number]

export type Operation = 'write' | 'sync' | 'name' | 'read'

/** Makes the `after`-th operation of a kind fail, once or from then on. */
export interface Fault {
  readonly operation: Operation
  readonly after: number
  readonly code: string
  readonly isPersistent: boolean
}

export class SimulatedDisk implements FileSystem {
  readonly #random: SeededRandom
  readonly #scheduler: SimulatedScheduler
  readonly #root: DirectoryNode
  #stepsUntilCrash = Number.POSITIVE_INFINITY
  #isCrashed = false
  /** A sync that is left out, to see that somebody notices. */
  leftOut: SyncPoint | undefined
  fault: Fault | undefined
  /** Whether a write may take a part of the bytes and report no error, as that of an almost full disk. */
  takesParts = false
  /** How many bytes all files together may have: what makes one longer than that finds no space. */
  byteCapacity: number = Number.POSITIVE_INFINITY
  /** How often each operation ran, for faults, and each sync point was passed. */
  readonly counts: Record<Operation, number> = { write: 0, sync: 0, name: 0, read: 0 }
  readonly passed: Set<SyncPoint> = new Set()
  /** How many files are open: those that nobody closes are a leak. */
  openFileCount = 0

  constructor(random: SeededRandom, scheduler: SimulatedScheduler, root: DirectoryNode = new DirectoryNode()) {
    this.#random = random
    this.#scheduler = scheduler
    this.#root = root
  }

  get isCrashed(): boolean {
    return this.#isCrashed
  }

  crashAfter(steps: number): void {
    this.#stepsUntilCrash = steps
  }

  /** The same machine after the process was killed: the page cache is still there. */
  afterKill(scheduler: SimulatedScheduler): SimulatedDisk {
    this.#isCrashed = true
    return new SimulatedDisk(this.#random, scheduler, this.#root)
  }

  /** The disk that comes back after a power cut. */
  afterPowerCut(scheduler: SimulatedScheduler): SimulatedDisk {
    const survival = this.#random.pick(SURVIVALS)
    const rebuilt = new Map<Node, Node>()
    const root = this.#survivor(this.#root, survival, rebuilt) as DirectoryNode
    return new SimulatedDisk(this.#random, scheduler, root)
  }

  open(path: string, mode: 'read' | 'write' | 'create'): OpenFile {
    if (mode === 'create') {
      const { directory, name } = this.#locate(path)
      if (directory.cached.has(name)) throw systemError('EEXIST', path)
      this.#step('name', path, () => directory.change({ kind: 'set', name, node: new FileNode() }))
    } else this.#step('read', path)
    const node = this.#node(path)
    if (node === undefined) throw systemError('ENOENT', path)
    if (node instanceof DirectoryNode) throw systemError('EISDIR', path)
    return new SimulatedFile(this, path, node)
  }

  createFile(path: string, bytes: Uint8Array, point: SyncPoint, beforeNamed?: () => void): void {
    // As Node's does it: write-file-atomic makes a temporary file out of one of its own, which is then given its name.
    const temporary = `${path}.tmp.${this.#random.below(1e9)}`
    const inner = `${temporary}.${this.#random.below(1e9)}`
    const file = this.open(inner, 'create')
    try {
      file.write(bytes, 0)
      file.sync(point)
    } finally {
      file.close()
    }
    this.rename(inner, temporary)
    try {
      beforeNamed?.()
      this.link(temporary, path)
    } finally {
      if (!this.#isCrashed) this.remove(temporary)
    }
  }

  makeDirectory(path: string): void {
    const { directory, name } = this.#locate(path)
    const existing = directory.cached.get(name)
    if (existing instanceof DirectoryNode) return
    if (existing !== undefined) throw systemError('EEXIST', path)
    this.#step('name', path, () => directory.change({ kind: 'set', name, node: new DirectoryNode() }))
  }

  list(path: string): string[] {
    this.#step('read', path)
    const node = this.#node(path)
    return node instanceof DirectoryNode ? [...node.cached.keys()].sort() : []
  }

  kind(path: string): 'file' | 'directory' | 'other' | undefined {
    this.#step('read', path)
    const node = this.#node(path)
    if (node === undefined) return undefined
    return node instanceof DirectoryNode ? 'directory' : 'file'
  }

  rename(from: string, to: string): void {
    const { directory, name } = this.#locate(from)
    const target = this.#locate(to)
    if (directory !== target.directory) throw new Error('the simulated disk renames within one directory only')
    const node = directory.cached.get(name)
    if (node === undefined) throw systemError('ENOENT', from)
    this.#step('name', from, () => directory.change({ kind: 'rename', from: name, to: target.name, node }))
  }

  link(path: string, name: string): void {
    const node = this.#node(path)
    if (node === undefined) throw systemError('ENOENT', path)
    const target = this.#locate(name)
    if (target.directory.cached.has(target.name)) throw systemError('EEXIST', name)
    this.#step('name', path, () => target.directory.change({ kind: 'set', name: target.name, node }))
  }

  remove(path: string): void {
    const { directory, name } = this.#locate(path)
    if (!directory.cached.has(name)) return
    this.#step('name', path, () => directory.change({ kind: 'delete', name }))
  }

  removeLater(path: string): Promise<void> {
    return this.#later(() => this.remove(path))
  }

  removeDirectory(path: string): void {
    const node = this.#node(path)
    if (node instanceof DirectoryNode && node.cached.size === 0) this.remove(path)
  }

  syncDirectory(path: string, point: SyncPoint): void {
    const node = path === '' ? this.#root : this.#node(path)
    if (!(node instanceof DirectoryNode)) throw systemError('ENOENT', path)
    this.#step('sync', path, () => {
      this.passed.add(point)
      if (point === this.leftOut) return
      node.durable = new Map(node.cached)
      node.pending = []
    })
  }

  syncDirectoryLater(path: string, point: SyncPoint): Promise<void> {
    return this.#later(() => this.syncDirectory(path, point))
  }

  /** How many bytes the files have that have a name, each once. */
  get usedByteLength(): number {
    return byteLengthOf(this.#root, new Set())
  }

  /** Damages a file where it lies, past all syncing. */
  damage(path: string, change: (bytes: Buffer) => Buffer): void {
    const node = this.#node(path) as FileNode
    node.cached = change(Buffer.from(node.cached))
    node.durable = Buffer.from(node.cached)
    node.pending = []
  }

  // What files need of their disk.

  /** Returns how many bytes were taken. */
  writeTo(node: FileNode, path: string, bytes: Buffer, position: number): number {
    if (this.takesParts && bytes.length > 1 && this.#random.chance(0.3)) {
      return this.writeTo(node, path, bytes.subarray(0, this.#random.between(1, bytes.length - 1)), position)
    }
    const store = (part: Buffer) => {
      if (part.length === 0) return
      write(node, position, part)
      node.pending.push({ position, bytes: Buffer.from(part) })
    }
    const spaceLeft = this.#spaceBehind(node)
    if (position + bytes.length > node.cached.length + spaceLeft) {
      store(bytes.subarray(0, Math.max(0, node.cached.length + spaceLeft - position)))
      throw Object.assign(systemError('ENOSPC', path), { syscall: 'write' })
    }
    // A crash, or a full disk, tears a write at any byte.
    const torn = () => store(bytes.subarray(0, this.#random.below(bytes.length + 1)))
    this.#step('write', path, () => store(bytes), torn)
    return bytes.length
  }

  #spaceBehind(node: FileNode): number {
    if (this.byteCapacity === Number.POSITIVE_INFINITY) return this.byteCapacity
    const isNamed = hasNode(this.#root, node)
    return Math.max(0, this.byteCapacity - this.usedByteLength - (isNamed ? 0 : node.cached.length))
  }

  truncate(node: FileNode, path: string, byteLength: number): void {
    this.#step('write', path, () => {
      node.cached = node.cached.subarray(0, byteLength)
      node.pending.push({ truncatedTo: byteLength })
    })
  }

  readFrom(node: FileNode, path: string, target: Uint8Array, position: number): number {
    this.#step('read', path)
    const count = Math.max(0, Math.min(target.length, node.cached.length - position))
    target.set(node.cached.subarray(position, position + count))
    return count
  }

  syncFile(node: FileNode, path: string, point: SyncPoint): void {
    const count = node.pending.length
    // After a failed sync the pages are marked clean: they are never written, whatever a later sync reports.
    const dropped = () => {
      node.pending = []
    }
    this.#step('sync', path, () => this.#persist(node, point, count), dropped)
  }

  syncFileLater(node: FileNode, path: string, point: SyncPoint): Promise<void> {
    const count = node.pending.length
    const dropped = () => {
      node.pending = []
    }
    return this.#later(() => this.#step('sync', path, () => this.#persist(node, point, count), dropped))
  }

  /** At some time, as a thread does it. */
  #later(run: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#scheduler.add(() => {
        try {
          run()
          resolve()
        } catch (failure) {
          reject(failure)
        }
      })
    })
  }

  #persist(node: FileNode, point: SyncPoint, count: number): void {
    this.passed.add(point)
    if (point === this.leftOut) return
    for (const change of node.pending.splice(0, count)) node.durable = changed(node.durable, change)
  }

  /** One operation: it may be the one at which the power goes out, before, after or in the middle of its effect. */
  #step(operation: Operation, path: string, effect: () => void = () => {}, partly: () => void = () => {}): void {
    if (this.#isCrashed) throw new CrashError(`the disk is gone: ${path}`)
    this.counts[operation] += 1
    const { fault } = this
    if (fault?.operation === operation) {
      const count = this.counts[operation]
      if (count === fault.after || (fault.isPersistent && count > fault.after)) {
        partly()
        throw Object.assign(systemError(fault.code, path), { syscall: operation === 'sync' ? 'fsync' : operation })
      }
    }
    if (operation !== 'read' && --this.#stepsUntilCrash <= 0) {
      this.#isCrashed = true
      const when = this.#random.below(3)
      if (when === 0 && operation === 'write') partly()
      if (when === 1) effect()
      throw new CrashError(`the power went out at ${path}`)
    }
    effect()
  }

  #locate(path: string): { directory: DirectoryNode; name: string } {
    const slash = path.lastIndexOf('/')
    const parent = slash <= 0 ? this.#root : this.#node(path.slice(0, slash))
    if (!(parent instanceof DirectoryNode)) throw systemError('ENOENT', path)
    return { directory: parent, name: path.slice(slash + 1) }
  }

  #node(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of path.split('/')) {
      if (name === '') continue
      if (!(node instanceof DirectoryNode)) return undefined
      node = node.cached.get(name)
    }
    return node
  }

  #survivor(node: Node, survival: Survival, rebuilt: Map<Node, Node>): Node {
    const known = rebuilt.get(node)
    if (known !== undefined) return known
    if (node instanceof FileNode) {
      const file = new FileNode()
      file.durable = this.#survivingBytes(node, survival)
      file.cached = Buffer.from(file.durable)
      rebuilt.set(node, file)
      return file
    }
    const names = new Map(node.durable)
    for (const change of this.#chosen(node.pending, survival === 'bytes only' ? 'none' : survival)) apply(names, change)
    const directory = new DirectoryNode()
    rebuilt.set(node, directory)
    for (const [name, child] of names) directory.durable.set(name, this.#survivor(child, survival, rebuilt))
    for (const [name, child] of directory.durable) directory.cached.set(name, child)
    return directory
  }

  #survivingBytes(node: FileNode, survival: Survival): Buffer {
    const random = this.#random
    let bytes: Buffer = Buffer.from(node.durable)
    const sectors = node.pending.flatMap(inSectors)
    const chosen = this.#chosen(sectors, survival === 'names only' ? 'none' : survival)
    for (const change of chosen) bytes = changed(bytes, change)
    // The new size may be there without the bytes: zeros, or whatever was in those sectors before.
    if (sectors.length > 0 && survival !== 'names only' && random.chance(0.3) && node.cached.length > bytes.length) {
      const missing = node.cached.length - bytes.length
      bytes = Buffer.concat([bytes, random.chance(0.5) ? Buffer.alloc(missing) : Buffer.from(random.bytes(missing))])
    }
    return bytes
  }

  #chosen<T>(changes: readonly T[], survival: Survival): readonly T[] {
    const random = this.#random
    switch (survival) {
      case 'none':
        return []
      case 'all':
      case 'names only':
      case 'bytes only':
        return changes
      case 'prefix':
        return changes.slice(0, random.below(changes.length + 1))
      case 'random':
        return changes.filter(() => random.chance(0.5))
    }
  }
}

class SimulatedFile implements OpenFile {
  readonly path: string
  readonly #disk: SimulatedDisk
  readonly #node: FileNode
  #isOpen = true

  constructor(disk: SimulatedDisk, path: string, node: FileNode) {
    this.#disk = disk
    this.path = path
    this.#node = node
    disk.openFileCount += 1
  }

  size(): number {
    this.#check()
    return this.#node.cached.length
  }

  read(target: Uint8Array, position: number, byteLength?: number): number {
    this.#check()
    return this.#disk.readFrom(this.#node, this.path, target.subarray(0, byteLength), position)
  }

  write(bytes: Uint8Array, position: number): void {
    this.#check()
    // As Node's file does it.
    for (let done = 0; done < bytes.length; ) {
      done += this.#disk.writeTo(this.#node, this.path, Buffer.from(bytes.subarray(done)), position + done)
    }
  }

  truncate(byteLength: number): void {
    this.#check()
    this.#disk.truncate(this.#node, this.path, byteLength)
  }

  sync(point: SyncPoint): void {
    this.#check()
    this.#disk.syncFile(this.#node, this.path, point)
  }

  syncLater(point: SyncPoint): Promise<void> {
    this.#check()
    return this.#disk.syncFileLater(this.#node, this.path, point)
  }

  close(): void {
    this.#check()
    this.#isOpen = false
    this.#disk.openFileCount -= 1
  }

  #check(): void {
    if (!this.#isOpen) throw systemError('EBADF', this.path)
  }
}

function byteLengthOf(node: Node, seen: Set<Node>): number {
  if (seen.has(node)) return 0
  seen.add(node)
  if (node instanceof FileNode) return node.cached.length
  let byteLength = 0
  for (const child of node.cached.values()) byteLength += byteLengthOf(child, seen)
  return byteLength
}

function hasNode(directory: DirectoryNode, wanted: FileNode): boolean {
  const children = [...directory.cached.values()]
  return children.some((child) => child === wanted || (child instanceof DirectoryNode && hasNode(child, wanted)))
}

function inSectors(change: PendingChange): PendingChange[] {
  if ('truncatedTo' in change) return [change]
  const { position, bytes } = change
  const sectors: PendingChange[] = []
  for (let from = 0; from < bytes.length; ) {
    const until = Math.min(bytes.length, from + SECTOR - ((position + from) % SECTOR))
    sectors.push({ position: position + from, bytes: bytes.subarray(from, until) })
    from = until
  }
  return sectors
}

function write(node: FileNode, position: number, bytes: Buffer): void {
  node.cached = written(node.cached, position, bytes)
}

function changed(old: Buffer, change: PendingChange): Buffer {
  if ('truncatedTo' in change) return old.subarray(0, change.truncatedTo)
  return written(old, change.position, change.bytes)
}

function written(old: Buffer, position: number, bytes: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(old.length, position + bytes.length))
  old.copy(result)
  bytes.copy(result, position)
  return result
}

function apply(names: Map<string, Node>, change: NameChange): void {
  if (change.kind === 'set') names.set(change.name, change.node)
  else if (change.kind === 'delete') names.delete(change.name)
  else {
    names.delete(change.from)
    names.set(change.to, change.node)
  }
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${path}`), { code })
}
