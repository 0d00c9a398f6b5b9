/**
 * A client that costs as little as can be, so that the server is what is measured: a socket that stays open, requests as
 * bytes, answers read as far as their status and their length. Who wants to know what they say asks for their text.
 */
import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer-reader.js'

export class WireConnection {
  readonly #socket: Socket
  #reader = new AnswerReader()
  #onAnswer: ((status: number, reader: AnswerReader) => void) | undefined
  #onFailure: ((failure: Error) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (failure) => this.#onFailure?.(failure))
    socket.on('close', () => this.#onFailure?.(new Error('The server closed the connection')))
  }

  static open(port: number): Promise<WireConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new WireConnection(socket))
      })
    })
  }

  /** One at a time; the answer's text can be had until the next one is sent. */
  send(
    request: Uint8Array,
    onAnswer: (status: number, reader: AnswerReader) => void,
    onFailure: (failure: Error) => void,
  ): void {
    this.#onAnswer = onAnswer
    this.#onFailure = onFailure
    this.#reader.begin()
    this.#socket.write(request)
  }

  ask(request: Uint8Array): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      this.send(request, (status, reader) => resolve({ status, body: reader.body() }), reject)
    })
  }

  close(): void {
    this.#onFailure = undefined
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    try {
      if (this.#reader.add(chunk)) this.#onAnswer?.(this.#reader.status, this.#reader)
    } catch (failure) {
      this.#onFailure?.(failure as Error)
    }
  }
}
