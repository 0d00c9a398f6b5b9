import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Apart from the project's own tests: these need the packages of this folder (`npm run test:clients`). */
const config: ViteUserConfig = defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/clients/**/*.test.ts'],
    exclude: ['test/clients/node_modules/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
    env: {
      // What the SDK has to say about Node 20 is known: it is the oldest version that Dynafile runs on.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      // Clients get what they need from their test, and nothing from the machine's own configuration or its network.
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  },
})

export default config
