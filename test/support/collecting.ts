/** A stream that takes what is written to it, as whoever reads an output to its end does. */
import { Writable } from 'node:stream'

export function collecting(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
}
