/**
 * A database for the tests of a file, for Jest: an environment that starts one before the file's code runs. Each file of
 * tests has one of its own, in memory, so files run side by side; after each test it is as at the beginning.
 *
 * @example
 * // jest.config.js
 * export default { preset: 'dynafile/jest' }
 *
 * @packageDocumentation
 */
import { TestEnvironment } from 'jest-environment-node'
import { TestServer } from './test-server.js'

/** What Jest hands to an environment. */
type Handed = ConstructorParameters<typeof TestEnvironment>

export default class DynafileEnvironment extends TestEnvironment {
  readonly #folder: string
  #server: TestServer | undefined

  constructor(...handed: Handed) {
    super(...handed)
    const [{ projectConfig }] = handed
    this.#folder = projectConfig.rootDir
  }

  override async setup(): Promise<void> {
    await super.setup()
    this.#server = await TestServer.start(this.#folder)
    this.#server.announce(this.global.process.env)
  }

  async handleTestEvent(event: { readonly name: string }): Promise<void> {
    if (event.name === 'test_done' && this.#server?.resetsAfterTests === true) await this.#server.reset()
  }

  override async teardown(): Promise<void> {
    await this.#server?.stop()
    await super.teardown()
  }
}
