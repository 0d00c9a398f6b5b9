import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Apart from the project's own tests: these need the packages of this folder (`npm run test:clients`). */
const config: ViteUserConfig = defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/clients/**/*.test.ts'],
    exclude: ['test/clients/node_modules/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})

export default config
