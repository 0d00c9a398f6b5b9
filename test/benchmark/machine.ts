/** What it was measured on and with: enough to understand a figure, nothing that names the machine. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { Machine } from './record.js'

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

/** Looked up in the file itself: Node remembers of a package that was not there when it was first asked for. */
function versionOf(packageName: string): string {
  const file = packageName === 'dynafile' ? '../../package.json' : `node_modules/${packageName}/package.json`
  const { version } = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as { readonly version: string }
  return version
}

function commitNow(): string {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).stdout ?? ''
  const hash = git('rev-parse', '--short', 'HEAD').trim()
  if (hash === '') return 'unknown'
  return git('status', '--porcelain', '--', '../../src') === '' ? hash : `${hash} with changes`
}
