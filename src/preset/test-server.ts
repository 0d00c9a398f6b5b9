/**
 * A database for one worker of a test runner: in memory, behind a port that nobody else has, with the environment variables
 * set by which programs find it.
 */
import { type Database, open } from '../database.js'
import type { Server } from '../server/served-database.js'
import { readConfiguration, type TestConfiguration } from './configuration.js'

export class TestServer {
  readonly database: Database
  readonly #server: Server
  readonly #configuration: TestConfiguration

  private constructor(database: Database, server: Server, configuration: TestConfiguration) {
    this.database = database
    this.#server = server
    this.#configuration = configuration
  }

  /** @param folders Where the project's configuration may be. */
  static async start(...folders: readonly string[]): Promise<TestServer> {
    const configuration = await readConfiguration(...folders)
    const database = await open('memory:')
    try {
      const server = await database.serve({ port: 0, seed: configuration.tables })
      return new TestServer(database, server, configuration)
    } catch (failure) {
      await database.close()
      throw failure
    }
  }

  /** `http://127.0.0.1:41234` */
  get endpoint(): string {
    return this.#server.url
  }

  /** Whether to begin anew after each test. */
  get resetsAfterTests(): boolean {
    return this.#configuration.reset === 'test'
  }

  /**
   * Lets programs find it: the presets for DynamoDB Local set the first one, the SDKs read the others. Credentials and a
   * region that are set stay.
   */
  announce(environment: Record<string, string | undefined>): void {
    environment['MOCK_DYNAMODB_ENDPOINT'] = this.endpoint
    environment['AWS_ENDPOINT_URL_DYNAMODB'] = this.endpoint
    environment['AWS_REGION'] ??= 'us-east-1'
    environment['AWS_ACCESS_KEY_ID'] ??= 'any'
    environment['AWS_SECRET_ACCESS_KEY'] ??= 'any'
  }

  /** Everything as at the beginning: the tables of the configuration with their items, and no others. */
  async reset(): Promise<void> {
    await Promise.all(this.database.tables().map(({ name }) => this.database.dropTable(name)))
    await this.#server.seed(this.#configuration.tables)
  }

  async stop(): Promise<void> {
    await this.#server.close()
    await this.database.close()
  }
}
