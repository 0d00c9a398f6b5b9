/**
 * Blocks in memory, unpacked and checked, up to a number of bytes; those not used for longest leave first. The bytes
 * are outside the JavaScript heap, so a large cache costs the garbage collector nothing.
 */
import { LRUCache } from 'lru-cache'
import type { Block } from './block.js'

/** Files have fewer blocks than this, so file id and block number make one number. */
const BLOCKS_PER_FILE = 2 ** 22

export class BlockCache {
  readonly #blocks: LRUCache<number, Block>

  constructor(byteLimit: number) {
    // A cache of nothing still needs a size, and one byte holds no block.
    this.#blocks = new LRUCache({ maxSize: Math.max(1, byteLimit), sizeCalculation: (block) => block.bytes.length })
  }

  get(file: number, number: number): Block | undefined {
    return this.#blocks.get(file * BLOCKS_PER_FILE + number)
  }

  set(file: number, number: number, block: Block): void {
    this.#blocks.set(file * BLOCKS_PER_FILE + number, block)
  }
}
