/**
 * Items as bytes: the format of architecture/item-format.md, version 1. `item-encoder.ts` checks and writes it,
 * `item-decoder.ts` reads it; whoever needs both halves imports them from here.
 */
export { decodeAttribute, decodeItem } from './item-decoder.js'
export { encodeItem } from './item-encoder.js'
