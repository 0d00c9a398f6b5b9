/** The three ways of a client of the AWS SDK into one database: over HTTP, through the handler, with the plugin. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { type Database, open, type Server } from '../../src/index.js'

export const WAYS_IN = ['HTTP', 'the handler', 'the plugin'] as const
export type WayIn = (typeof WAYS_IN)[number]

// The one that ARNs name unless a server is told another one.
const REGION = 'us-east-1'
const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'body' }

/** A database in memory, served; clients of it, closed with it. */
export class ServedDatabase implements AsyncDisposable {
  readonly database: Database
  readonly server: Server
  readonly #clients: { destroy(): void }[] = []

  private constructor(database: Database, server: Server) {
    this.database = database
    this.server = server
  }

  static async start(): Promise<ServedDatabase> {
    const database = await open('memory:')
    return new ServedDatabase(database, await database.serve({ port: 0 }))
  }

  client(way: WayIn): DynamoDBClient {
    return this.#kept(this.#through(way, DynamoDBClient))
  }

  streamsClient(way: WayIn): DynamoDBStreamsClient {
    return this.#kept(this.#through(way, DynamoDBStreamsClient))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy()
    await this.database.close()
  }

  #through<C extends DynamoDBClient | DynamoDBStreamsClient>(
    way: WayIn,
    Client: new (config: { region: string; endpoint?: string; credentials?: typeof CREDENTIALS }) => C,
  ): C {
    switch (way) {
      case 'HTTP':
        return new Client({ region: REGION, endpoint: this.server.url, credentials: CREDENTIALS })
      case 'the handler':
        return new Client({ ...this.database.awsConfig() })
      case 'the plugin': {
        const client = new Client({ region: REGION })
        client.middlewareStack.use(this.database.awsPlugin())
        return client
      }
    }
  }

  #kept<C extends { destroy(): void }>(client: C): C {
    this.#clients.push(client)
    return client
  }
}
