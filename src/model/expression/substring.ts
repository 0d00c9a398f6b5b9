/**
 * Whether a text, or bytes, hold another one, in time that grows with their lengths and never with the product of them.
 * What the platform offers is quick for most texts, but of a part of more than 256 characters it looks at no more than those
 * to find out how far it may go on: 200,000 letters in 400,000 like them took it seven seconds.
 */
import { findOnce } from '../item/findings.js'

/** Up to this length the platform's own search is linear. */
const SHORT_LENGTH = 250
/** Odd, and nothing else: that two texts have one hash costs time, and no more than a search without hashes. */
const BASE = 0x3b9aca07
/** So many places may have the hash of a part, and not be it, before hashes are given up. */
const MISTAKE_LIMIT = 16

export function includesText(text: string, part: string): boolean {
  if (part.length <= SHORT_LENGTH) return text.includes(part)
  // Most texts do not have its beginning, or are it.
  if (part.length > text.length || !text.includes(part.slice(0, SHORT_LENGTH))) return false
  return part.length === text.length ? text === part : searched(text, part)
}

export function includesBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  const [whole, wanted] = [bufferOf(bytes), bufferOf(part)]
  if (wanted.length <= SHORT_LENGTH) return wanted.length === 0 || whole.includes(wanted)
  return includesText(findOnce(latinText, bytes), wanted.toString('latin1'))
}

/**
 * The search of Rabin and Karp, with the hashes of all beginnings of the text: of whatever length a part is, the hash of each
 * place that it may have is one multiplication away.
 */
function searched(text: string, part: string): boolean {
  const hashes = findOnce(beginningHashes, text)
  const { length } = part
  const wanted = beginningHashes(part)[length]!
  const factor = power(length)
  let mistakes = 0
  for (let at = 0, end = length; end <= text.length; at++, end++) {
    if (((hashes[end]! - Math.imul(hashes[at]!, factor)) | 0) !== wanted) continue
    if (text.startsWith(part, at)) return true
    mistakes += 1
    if (mistakes === MISTAKE_LIMIT) return searchedWithoutHashes(text, part)
  }
  return false
}

/** For each beginning of a text, by its length: its units as the digits of a number, as far as that has 32 bits. */
function beginningHashes(text: string): Int32Array {
  const hashes = new Int32Array(text.length + 1)
  let hash = 0
  for (let at = 0; at < text.length; at++) {
    hash = (Math.imul(hash, BASE) + text.charCodeAt(at) + 1) | 0
    hashes[at + 1] = hash
  }
  return hashes
}

function power(exponent: number): number {
  let result = 1
  for (let left = exponent, square = BASE; left > 0; left >>>= 1) {
    if ((left & 1) === 1) result = Math.imul(result, square)
    square = Math.imul(square, square)
  }
  return result
}

/** The search of Knuth, Morris and Pratt: no character of the text is looked at a second time. */
function searchedWithoutHashes(text: string, part: string): boolean {
  const fallbacks = fallbacksOf(part)
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    while (matched > 0 && part.charCodeAt(matched) !== unit) matched = fallbacks[matched - 1]!
    if (part.charCodeAt(matched) === unit) matched += 1
    if (matched === part.length) return true
  }
  return false
}

/** For each beginning of a text: how long the longest of its ends is that is a beginning, too. */
function fallbacksOf(part: string): Int32Array {
  const fallbacks = new Int32Array(part.length)
  let matched = 0
  for (let at = 1; at < part.length; at++) {
    const unit = part.charCodeAt(at)
    while (matched > 0 && part.charCodeAt(matched) !== unit) matched = fallbacks[matched - 1]!
    if (part.charCodeAt(matched) === unit) matched += 1
    fallbacks[at] = matched
  }
  return fallbacks
}

function latinText(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('latin1')
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length)
}
