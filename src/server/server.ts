/**
 * DynamoDB's protocol over HTTP: what any AWS SDK, in any language, can talk to.
 *
 * It answers or closes the socket, whatever comes: bodies have a limit while they are read, requests have a time in which
 * they must have come, and what goes wrong with one socket concerns no other. `close` ends it gracefully: no new
 * connections, the requests that are running are answered, and after a grace time the rest is cut off.
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
// Not the global ones, in whose places a test may have put its own.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import type { Cors } from './allowed-origins.js'
import { AnswerBudget } from './answer-budget.js'
import { AwsError } from './aws-error.js'
import { BodyBudget, type BodyHold } from './body-budget.js'
import { compressedAnswer } from './content-encoding.js'
import { Dispatcher } from './dispatcher.js'
import { HostRule, type HostRuleOptions } from './host-rule.js'
import type { Performer } from './performer.js'
import { type AuthKey, SignatureGate } from './signature.js'
import { MAX_BODY_LENGTH, type WireAnswer, WireProtocol } from './wire-protocol.js'

export interface ListenOptions {
  /** @default 8000; 0 is any that is free */
  readonly port?: number | undefined
  /** @default '127.0.0.1': nobody but this machine */
  readonly host?: string | undefined
  /**
   * Who may come in. Without it, requests have to be signed, but by anybody.
   *
   * @default everybody
   */
  readonly auth?: readonly AuthKey[]
  /**
   * Whose pages may talk to it from a browser: origins, such as `http://localhost:3000`, or their hosts.
   *
   * @default '*', all of them
   */
  readonly cors?: Cors | undefined
  /**
   * By which other names it may be called, where only this machine gets there and nobody has a key: a page in a browser can
   * give its own name this machine's address. Addresses and `localhost` need not be said; `'*'` is every name.
   *
   * @default none
   */
  readonly allowHosts?: readonly string[] | '*' | undefined
  /** Connections beyond these are closed at once. @default 10_000 */
  readonly maxConnections?: number | undefined
  /** How long a request may take to come. @default 30_000 */
  readonly requestTimeoutMs?: number | undefined
  /** How long its headers may take. @default 10_000 */
  readonly headersTimeoutMs?: number | undefined
  /**
   * How long a socket may do nothing, also when it does not read what it is sent; while an answer is made for it, it may wait.
   *
   * @default 60_000
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * How many bytes of requests are held at once, of all connections together; requests beyond are answered with 503, which
   * SDKs try again.
   *
   * @default 512 MiB
   */
  readonly maxBodyBytes?: number | undefined
  /**
   * How many bytes of answers may wait to be read, of all connections together. Beyond, the connection that has read nothing
   * for the longest time is closed, if that is more than a second; if there is none, requests are answered with 503.
   *
   * @default 256 MiB
   */
  readonly maxAnswerBytes?: number | undefined
  /** How long `close` waits for what is running. @default 5_000 */
  readonly closeTimeoutMs?: number | undefined
  /** What ARNs name, and what `GET /` says. @default 'us-east-1' */
  readonly region?: string | undefined
  /** What is told of failures that nobody expected; who sent the request learns nothing of them. */
  readonly onFailure?: ((failure: unknown) => void) | undefined
}

export interface ListeningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8000` */
  readonly url: string
  readonly port: number
  /** Answers what is running, and takes nothing more. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const MIB = 1024 * 1024
/** An answer that is no longer than this waits for nobody to speak of. */
const SHORT_LENGTH = 4096
const MAX_HEADER_LENGTH = 16 * 1024

/** Listens, and resolves when it does. */
export async function listen(performer: Performer, options: ListenOptions = {}): Promise<ListeningServer> {
  const { port = 8000, host = LOOPBACK } = options
  const server = new WireServer(performer, options)
  await server.listen(port, host)
  return server
}

class WireServer implements ListeningServer {
  readonly #protocol: WireProtocol
  readonly #http: HttpServer
  readonly #closeTimeoutMs: number
  readonly #bodyBudget: BodyBudget
  readonly #answerBudget: AnswerBudget
  readonly #hostNames: Omit<HostRuleOptions, 'address'>
  /** There is one as soon as somebody could ask. */
  #hostRule: HostRule | undefined
  /** The answers that are still to be written, to requests of which at least the headers have come. */
  readonly #unanswered = new WeakMap<Socket, Set<ServerResponse>>()
  /** Those of which nothing more is read: they are closed when what came before is answered. */
  readonly #ending = new WeakSet<Socket>()
  /** How many requests that have come whole have no answer yet that could be read. */
  readonly #unwritten = new WeakMap<Socket, number>()
  #url = ''
  #port = 0
  #closing: Promise<void> | undefined
  #turnEnds: Promise<void> | undefined

  constructor(performer: Performer, options: ListenOptions) {
    const { auth, region, cors, onFailure, closeTimeoutMs = 5000, maxBodyBytes = 512 * MIB } = options
    this.#closeTimeoutMs = closeTimeoutMs
    const { host = LOOPBACK, allowHosts = [] } = options
    this.#hostNames = { host, isVerifying: auth !== undefined, allowHosts }
    this.#bodyBudget = new BodyBudget(maxBodyBytes)
    this.#answerBudget = new AnswerBudget(options.maxAnswerBytes ?? 256 * MIB)
    this.#protocol = new WireProtocol(new Dispatcher(performer), {
      gate: new SignatureGate(auth === undefined ? {} : { keys: auth }),
      ...(region === undefined ? {} : { region }),
      ...(cors === undefined ? {} : { cors }),
      ...(onFailure === undefined ? {} : { onFailure }),
    })
    this.#http = this.#httpServer(options)
  }

  get url(): string {
    return this.#url
  }

  get port(): number {
    return this.#port
  }

  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject)
        // A listening socket that fails later, for want of descriptors, say, goes on listening.
        this.#http.on('error', () => {})
        const address = this.#http.address() as AddressInfo
        this.#hostRule = new HostRule({ ...this.#hostNames, address: address.address })
        this.#port = address.port
        this.#url = `http://${urlHost(address)}:${address.port}`
        resolve()
      })
    })
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#http.close(() => {
        clearTimeout(cutOff)
        resolve()
      })
      this.#http.closeIdleConnections()
      const cutOff = setTimeout(() => this.#http.closeAllConnections(), this.#closeTimeoutMs)
    })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #httpServer(options: ListenOptions): HttpServer {
    const { requestTimeoutMs = 30_000, headersTimeoutMs = 10_000, idleTimeoutMs = 60_000 } = options
    const server = createServer({
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
      maxHeaderSize: MAX_HEADER_LENGTH,
      noDelay: true,
    })
    server.maxConnections = options.maxConnections ?? 10_000
    // Who has sent a request and nothing more waits for the answer; without this, Node takes it for gone.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.timeout = idleTimeoutMs
    server.on('timeout', (socket) => this.#endIdle(socket, idleTimeoutMs))
    server.on('request', (request, response) => void this.#serve(request, response))
    // A body that waits for permission may be too long to be worth sending.
    server.on('checkContinue', (request, response) => {
      if (isTooLong(request)) {
        this.#prepare(request, response)
        void this.#send(request, response, this.#protocol.unreadable(413))
        return
      }
      response.writeContinue()
      void this.#serve(request, response)
    })
    server.on('clientError', (failure, socket) => this.#refuseSocket(failure, socket as Socket))
    // There is nothing to upgrade to; without a listener, Node answers such requests as usual.
    server.on('connect', (_request, socket) => socket.destroy())
    return server
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#prepare(request, response)
    try {
      await this.#send(request, response, await this.#answer(request))
    } catch {
      response.destroy()
    }
  }

  /**
   * A socket that fails ends its request; there is nobody left to tell. Nothing may be waited for before this: what is wrong
   * with what follows in the same packet is said before anybody else has a turn.
   */
  #prepare(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    response.on('error', () => {})
    const { socket } = request
    let unanswered = this.#unanswered.get(socket)
    if (unanswered === undefined) this.#unanswered.set(socket, (unanswered = new Set()))
    unanswered.add(response)
    response.once('close', () => {
      unanswered.delete(response)
      if (this.#ending.has(socket) && !this.#isAnswering(socket)) socket.destroySoon()
    })
  }

  async #answer(request: IncomingMessage): Promise<WireAnswer> {
    const hold = this.#bodyBudget.hold()
    try {
      const headers = request.headers as Record<string, string | undefined>
      const body = await bodyOf(request, hold)
      if (body === 'too long') return this.#protocol.unreadable(413)
      const { 'content-encoding': encoding } = headers
      if (body === 'no room' || !hold.take(unpackedLength(body, encoding))) return this.#protocol.unreadable(503)
      // Before anything is done that could not be told.
      if (!this.#answerBudget.hasRoom()) return this.#protocol.unreadable(503)
      if (this.#hostRule?.allows(headers['host']) !== true)
        return this.#protocol.refusalOf(strangeHost(headers['host']))
      this.#countUnwritten(request.socket, 1)
      try {
        return await this.#protocol.answer({ method: request.method ?? '', path: pathOf(request), headers, body })
      } finally {
        this.#countUnwritten(request.socket, -1)
      }
    } finally {
      hold.release()
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse, whole: WireAnswer): Promise<void> {
    const answer = await compressedAnswer(whole, request.headers['accept-encoding'])
    await this.#turnEnd()
    const { status, headers, body } = this.#held(request.socket, response, answer)
    headers['content-length'] = String(body.length)
    // Who is cut off in the middle of a body can't send another request behind it.
    if (!request.complete || this.#closing !== undefined) headers['connection'] = 'close'
    response.writeHead(status, headers)
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  /** An answer that may have to wait for its reader, or another one where there is no room for it. */
  #held(socket: Socket, response: ServerResponse, answer: WireAnswer): WireAnswer {
    const byteLength = answer.body.length
    // Those of nearly all writes are short; that they were done should be told.
    if (byteLength <= SHORT_LENGTH) return answer
    if (!this.#answerBudget.take(socket, byteLength)) return this.#protocol.unreadable(503)
    response.once('close', () => this.#answerBudget.give(socket, byteLength))
    return answer
  }

  /**
   * When whatever has come is answered. Who has sent many requests is then woken once for all answers, instead of once for
   * each, which would cost the system more than we take to answer.
   */
  #turnEnd(): Promise<void> {
    this.#turnEnds ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turnEnds = undefined
        resolve()
      })
    })
    return this.#turnEnds
  }

  /** Who waits for us is not idle; of others, there is nobody who would read an answer. */
  #endIdle(socket: Socket, idleTimeoutMs: number): void {
    if ((this.#unwritten.get(socket) ?? 0) > 0) socket.setTimeout(idleTimeoutMs)
    else socket.destroy()
  }

  #countUnwritten(socket: Socket, difference: 1 | -1): void {
    this.#unwritten.set(socket, (this.#unwritten.get(socket) ?? 0) + difference)
  }

  /** Whether an answer is due, which is to a request that has come whole, or under way. */
  #isAnswering(socket: Socket): boolean {
    for (const { req, headersSent } of this.#unanswered.get(socket) ?? []) if (req.complete || headersSent) return true
    return false
  }

  /**
   * What can't be parsed as HTTP. Where an answer is due or under way, a refusal would be taken for it, and a write that is
   * done for one that is not: it is written, and the socket closed behind it.
   */
  #refuseSocket(failure: Error & { code?: string }, socket: Socket): void {
    if (!socket.writable || failure.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    if (this.#isAnswering(socket)) {
      this.#ending.add(socket)
      return
    }
    const status =
      failure.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : failure.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
  }
}

function strangeHost(name = ''): AwsError {
  const message = `Cannot answer for the host "${name}": it is none of this server's names. allowHosts, or --allow-host, adds one`
  return new AwsError('AccessDeniedException', message)
}

/** Who takes this for a proxy, or is one, sends the whole address. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '')
}

function isTooLong(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > MAX_BODY_LENGTH
}

/** What a body may have more when it is unpacked: nothing is packed tighter than 1,032 to 1. */
function unpackedLength({ length }: Uint8Array, encoding: string | undefined): number {
  return encoding === undefined ? 0 : Math.min(MAX_BODY_LENGTH, 1032 * length)
}

/**
 * The body, or why there is none. One that is a little too long, or finds no room, is read to its end, so that its sender
 * gets to the answer; rejects when its sender goes away before that.
 */
function bodyOf(request: IncomingMessage, hold: BodyHold): Promise<Uint8Array | 'too long' | 'no room'> {
  return new Promise((resolve, reject) => {
    let chunks: Uint8Array[] = []
    let length = 0
    let refusal: 'too long' | 'no room' | undefined
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (refusal === undefined) {
        if (length > MAX_BODY_LENGTH) refusal = 'too long'
        else if (!hold.take(chunk.length)) refusal = 'no room'
      }
      if (refusal === undefined) {
        chunks.push(chunk)
        return
      }
      chunks = []
      hold.release()
      if (length <= 4 * MAX_BODY_LENGTH) return
      request.pause()
      resolve(refusal)
    })
    request.on('end', () => resolve(refusal ?? (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))))
    request.on('error', reject)
    // Every request is closed in the end, and an error that nobody sees would cost as much as reading the body.
    request.on('close', () => {
      if (!request.readableEnded) reject(new Error('The request ended before its body did'))
    })
  })
}

function urlHost({ address, family }: AddressInfo): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost'
  return family === 'IPv6' ? `[${address}]` : address
}
