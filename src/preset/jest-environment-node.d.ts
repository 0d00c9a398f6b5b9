/** As much of Jest's environment as is built on: the package is Jest's, not a dependency of this one. */
declare module 'jest-environment-node' {
  export interface JestConfig {
    readonly projectConfig: { readonly rootDir: string }
  }

  export class TestEnvironment {
    constructor(config: JestConfig, context: unknown)
    readonly global: { readonly process: { readonly env: Record<string, string | undefined> } }
    setup(): Promise<void>
    teardown(): Promise<void>
  }
}
