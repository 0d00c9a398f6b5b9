/** As much of Jest's environment as is built on: the package is Jest's, not a dependency of this one. */
declare module 'jest-environment-node' {
  export class TestEnvironment {
    constructor(config: { readonly projectConfig: { readonly rootDir: string } }, context: unknown)
    readonly global: { readonly process: { readonly env: Record<string, string | undefined> } }
    setup(): Promise<void>
    teardown(): Promise<void>
  }
}
