/**
 * The shortest way in for SDK clients in this process: middleware that takes a command where the SDK begins with it, and
 * leaves out what only a network needs: JSON, signatures, endpoints, retries.
 *
 * What the SDK itself has to say is asked of the SDK: a command carries its own middleware with it, so that of a document
 * client translates what goes in and comes out, with that client's options, and the one that reads answers makes the
 * errors (of the SDK's own classes) and the times. All of it is found by name, so the package does not depend on the SDK.
 */
import { taken } from '../model/expression/taken.js'
import { AwsError } from './aws-error.js'
import type { Dispatcher } from './dispatcher.js'
import type { Members } from './performer.js'
import { requestHandler } from './request-handler.js'
import type { Operation } from './shape/operations.js'
import { checkNotAborted, unlessAborted } from './unless-aborted.js'
import type { WireAnswer, WireProtocol } from './wire-protocol.js'

/** What `client.middlewareStack.use(…)` accepts, of any client of DynamoDB or of DynamoDB Streams. */
export interface AwsPlugin {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's stack is not ours to name
  applyToStack(stack: any): void
}

/** What a plugin leads to. */
export interface PluginTarget {
  readonly dispatcher: Dispatcher
  readonly protocol: WireProtocol
}

type OthersDue = () => Promise<void> | undefined

interface Arguments {
  readonly input: unknown
  /** Once it is serialised. */
  readonly request?: unknown
}
interface Result {
  readonly output: unknown
  readonly response: unknown
}
type Handler = (args: Arguments) => Promise<Result>
type Middleware = (next: Handler, context: Context) => Handler

interface Context {
  readonly commandName?: string
  readonly __smithy_context?: {
    readonly commandInstance?: { readonly middlewareStack?: Stack }
    readonly abortSignal?: AbortSignal
  }
}

interface Stack {
  applyToStack(stack: StackListener): unknown
}

/** What a stack copies itself to. */
interface StackListener {
  add(middleware: Middleware, options?: { readonly name?: string }): void
  addRelativeTo(middleware: Middleware, options?: { readonly name?: string }): void
  identifyOnResolve(): boolean
}

const PLUGIN_NAME = 'dynafileMiddleware'
const DESERIALIZER = 'deserializerMiddleware'

/** @param othersDue What a command has to wait for before it is performed, if there is anything. */
export function awsPlugin(target: () => Promise<PluginTarget>, othersDue: OthersDue = () => undefined): AwsPlugin {
  const handler = requestHandler(async () => {
    await othersDue()
    return (await target()).protocol
  })
  return {
    applyToStack(stack) {
      const middleware: Middleware = (next, context) => async (args) => {
        // Versions before the summer of 2023 do not say which command it is: those are answered at the other end.
        if (context.__smithy_context?.commandInstance === undefined) return next(args)
        return new PluginCall(await target(), othersDue, context, stack).answer(args)
      }
      const sent: Middleware = () => async (args) => handler.handle(args.request) as Promise<Result>
      stack.add(sent, { step: 'deserialize', priority: 'low', name: `${PLUGIN_NAME}AtTheEnd`, override: true })
      // Behind whatever else begins with commands: logs and measurements see all of them.
      stack.add(middleware, { step: 'initialize', priority: 'low', name: PLUGIN_NAME, override: true })
    },
  }
}

class PluginCall {
  readonly #dispatcher: Dispatcher
  readonly #protocol: WireProtocol
  readonly #othersDue: OthersDue
  readonly #context: Context
  readonly #clientStack: Stack
  readonly #own: ReadonlyMap<string, Middleware>

  constructor(target: PluginTarget, othersDue: OthersDue, context: Context, clientStack: Stack) {
    this.#dispatcher = target.dispatcher
    this.#protocol = target.protocol
    this.#othersDue = othersDue
    this.#context = context
    this.#clientStack = clientStack
    this.#own = middlewareOf(context.__smithy_context?.commandInstance?.middlewareStack)
  }

  answer(args: Arguments): Promise<Result> {
    let handler: Handler = async (marshalled) => {
      checkNotAborted(this.#abortSignal)
      return unlessAborted(this.#perform(marshalled), this.#abortSignal)
    }
    for (const name of ['DocumentUnmarshall', 'DocumentMarshall']) {
      const translate = this.#own.get(name)
      if (translate !== undefined) handler = translate(handler, this.#context)
    }
    return handler(args)
  }

  get #abortSignal(): AbortSignal | undefined {
    return this.#context.__smithy_context?.abortSignal
  }

  async #perform(args: Arguments): Promise<Result> {
    const { commandName = '' } = this.#context
    const operation = this.#dispatcher.operationCalled(commandName.replace(/Command$/, ''))
    let answer: Members
    try {
      answer = await this.#answerOf(operation, args.input)
    } catch (failure) {
      // What is refused at once has not waited for anybody; a loop of it must not starve the rest either.
      await this.#othersDue()
      checkNotAborted(this.#abortSignal)
      return this.#read(this.#protocol.refusalOf(failure), args)
    }
    if (operation?.answersTimes === true) return this.#read(this.#protocol.answerOf(answer), args)
    const $metadata = { httpStatusCode: 200, requestId: this.#protocol.newRequestId(), attempts: 1, totalRetryDelay: 0 }
    return { output: { ...answer, $metadata }, response: undefined }
  }

  async #answerOf(operation: Operation | undefined, input: unknown): Promise<Members> {
    if (operation === undefined) throw new AwsError('UnknownOperationException', '')
    const accepted = this.#dispatcher.accept(operation, input, 'objects')
    const others = this.#othersDue()
    if (others === undefined) return this.#dispatcher.perform(operation, accepted)
    // What is accepted is not copied, and its caller may use it again while others have their turn.
    const kept = taken(accepted)
    await others
    checkNotAborted(this.#abortSignal)
    return this.#dispatcher.perform(operation, kept)
  }

  /** Lets the SDK read what it would have got: it returns its kind of answer, or throws its kind of error. */
  async #read(answer: WireAnswer, args: Arguments): Promise<Result> {
    const response = { statusCode: answer.status, headers: answer.headers, body: answer.body }
    // It is the command's own in older versions, and its client's in newer ones.
    const deserialize = this.#own.get(DESERIALIZER) ?? middlewareOf(this.#clientStack).get(DESERIALIZER)
    if (deserialize !== undefined) {
      const sent: Handler = async () => ({ output: undefined, response })
      try {
        const result = await deserialize(sent, this.#context)(args)
        addAttempts(result.output)
        return result
      } catch (failure) {
        addAttempts(failure)
        throw failure
      }
    }
    return withoutSdk(answer, response)
  }
}

/** A version of the SDK whose reader is not where it was: the answer as it is, and errors that have all but their class. */
function withoutSdk(answer: WireAnswer, response: unknown): Result {
  const members = JSON.parse(Buffer.from(answer.body).toString()) as Record<string, unknown>
  const $metadata = { httpStatusCode: answer.status, requestId: answer.headers['x-amzn-requestid'], attempts: 1 }
  if (answer.status === 200) return { output: { ...members, $metadata }, response }
  const { __type: type, message, Message: capitalMessage, ...others } = members
  const error = new Error(String(message ?? capitalMessage ?? ''))
  error.name = String(type).replace(/^.*#/, '')
  throw Object.assign(error, others, { $metadata, $fault: answer.status < 500 ? 'client' : 'server' })
}

/** What the SDK's retries would have noted. */
function addAttempts(outcome: unknown): void {
  const metadata = (outcome as { $metadata?: Record<string, unknown> } | undefined)?.$metadata
  if (metadata !== undefined) Object.assign(metadata, { attempts: 1, totalRetryDelay: 0 })
}

/** The middleware that a command carries itself, by name. */
function middlewareOf(stack: Stack | undefined): ReadonlyMap<string, Middleware> {
  const found = new Map<string, Middleware>()
  const add: StackListener['add'] = (middleware, options) => {
    if (options?.name !== undefined) found.set(options.name, middleware)
  }
  stack?.applyToStack({ add, addRelativeTo: add, identifyOnResolve: () => false })
  return found
}
