/** Base64 as DynamoDB reads it: padded, without white space, and with nothing in the bits that are left over. */

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/

/** What is wrong with a text that should be base64. */
export function base64Problem(text: string): 'length' | 'character' | undefined {
  if (text.length % 4 !== 0) return 'length'
  if (!ALPHABET.test(text)) return 'character'
  if (!text.endsWith('=')) return undefined
  const last = text.slice(-4)
  return Buffer.from(last, 'base64').toString('base64') === last ? undefined : 'character'
}

/** The bytes, in memory of their own: small buffers of Node's would keep their neighbours alive. */
export function bytesFromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
