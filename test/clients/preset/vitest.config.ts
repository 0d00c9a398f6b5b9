import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** As a project's own, but for the preset, which is `dynafile/vitest` there. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.spec.ts'],
    setupFiles: ['../../../src/preset/vitest.ts'],
    maxWorkers: 2,
  },
})

export default config
