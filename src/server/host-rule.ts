/**
 * Which names a server answers to. A page can give its own name the address of this machine and then read, as its own, what is
 * answered here. So a server that is for this machine alone, and asks nobody for a key, answers only to names that no stranger
 * can have: addresses, `localhost`, its own, and those it was told of.
 */
import { isIP } from 'node:net'

export interface HostRuleOptions {
  /** Where it was told to listen. */
  readonly host: string
  /** Where it listens: a host may be written in many ways, `127.1` say, and a name may lead to this machine alone. */
  readonly address: string
  /** Whether signatures are verified: a page has no key. */
  readonly isVerifying: boolean
  /** Other names; `*` for all of them. */
  readonly allowHosts?: readonly string[] | '*'
}

export class HostRule {
  /** Undefined is all. */
  readonly #names: ReadonlySet<string> | undefined

  constructor({ host, address, isVerifying, allowHosts = [] }: HostRuleOptions) {
    const isOpen = isVerifying || !isLoopback(address) || allowHosts === '*' || allowHosts.includes('*')
    this.#names = isOpen ? undefined : new Set([host, ...allowHosts].map(nameOf))
  }

  /** @param header As it came; there is none in HTTP/1.0, which no browser speaks. */
  allows(header: string | undefined): boolean {
    if (this.#names === undefined || header === undefined) return true
    const name = nameOf(header)
    return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || this.#names.has(name)
  }
}

/** Whether only this machine gets there. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^::ffff:/i, '')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

/** Without a port, brackets and the dot at the end. */
function nameOf(host: string): string {
  const name = isIP(host) === 6 ? host : host.replace(/:\d*$/, '')
  return name
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
}
