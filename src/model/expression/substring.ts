/**
 * Whether a text, or bytes, hold another one, in time that grows with their lengths and never with the product of them.
 * What the platform offers is quick for most texts, but of a part of more than 256 characters it looks at no more than those
 * to find out how far it may go on: 200,000 letters in 400,000 like them took it seven seconds.
 */

/** Up to this length the platform's own search is linear. */
const SHORT_LENGTH = 250

export function includesText(text: string, part: string): boolean {
  if (part.length <= SHORT_LENGTH) return text.includes(part)
  // Most texts do not have its beginning, or are it.
  if (part.length > text.length || !text.includes(part.slice(0, SHORT_LENGTH))) return false
  return part.length === text.length ? text === part : searched(text, part)
}

export function includesBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  const [whole, wanted] = [bufferOf(bytes), bufferOf(part)]
  if (wanted.length <= SHORT_LENGTH) return wanted.length === 0 || whole.includes(wanted)
  return includesText(whole.toString('latin1'), wanted.toString('latin1'))
}

/** The search of Knuth, Morris and Pratt: no character of the text is looked at a second time. */
function searched(text: string, part: string): boolean {
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

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length)
}
