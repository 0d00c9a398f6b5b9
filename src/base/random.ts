/** Where chance comes from: identities and salts. A simulation hands in a seeded one, so that a run can be repeated. */
import { randomFillSync } from 'node:crypto'

export interface Random {
  bytes(byteLength: number): Uint8Array
}

export const systemRandom: Random = { bytes: (byteLength) => randomFillSync(new Uint8Array(byteLength)) }
