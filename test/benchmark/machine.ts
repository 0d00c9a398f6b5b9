/** What it was measured on and with: enough to understand a figure, nothing that names the machine. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { dirname } from 'node:path'
import type { Machine } from './record.js'

const require = createRequire(import.meta.url)

/** @param packages What is measured, by the names of its packages. */
export function describeMachine(packages: readonly string[]): Machine {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    commit: commitNow(),
  }
}

export function isInstalled(packageName: string): boolean {
  try {
    return versionOf(packageName) !== ''
  } catch {
    return false
  }
}

function versionOf(packageName: string): string {
  const file = packageName === 'dynafile' ? '../../package.json' : packageFileOf(packageName)
  const { version } = JSON.parse(readFileSync(file.startsWith('.') ? new URL(file, import.meta.url) : file, 'utf8'))
  return version
}

/** Not every package exports its own `package.json`. */
function packageFileOf(name: string): string {
  let folder = dirname(require.resolve(name))
  while (!folder.endsWith(`/${name}`) && folder !== dirname(folder)) folder = dirname(folder)
  return `${folder}/package.json`
}

function commitNow(): string {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).stdout ?? ''
  const hash = git('rev-parse', '--short', 'HEAD').trim()
  if (hash === '') return 'unknown'
  return git('status', '--porcelain', '--', '../../src') === '' ? hash : `${hash} with changes`
}
