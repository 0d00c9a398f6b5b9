/** The version of this package, from the nearest `package.json` above: one folder up from the bundle, two from here. */
import { existsSync, readFileSync } from 'node:fs'

export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const url = new URL(path, import.meta.url)
    if (!existsSync(url)) continue
    const { name, version } = JSON.parse(readFileSync(url, 'utf8')) as { name: string; version: string }
    if (name === 'dynafile') return version
  }
  return 'unknown'
}
