import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/benchmark/**', 'test/clients/**', 'node_modules/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})

export default config
