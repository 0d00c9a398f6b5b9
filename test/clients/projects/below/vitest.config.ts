import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** A project without tables of its own: it begins with those of the folder in which Vitest is started. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['../../preset/*.spec.ts'],
    setupFiles: ['../../../../src/preset/vitest.ts'],
    maxWorkers: 2,
  },
})

export default config
