import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** A repository of several projects: it has no configuration of ours, the projects do. */
const config: ViteUserConfig = defineConfig({ test: { projects: ['../preset'] } })

export default config
