import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/benchmark/**', 'node_modules/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})
