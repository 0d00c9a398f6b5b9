/**
 * A range of IP addresses, IPv4 or IPv6: `new Subnet('10.0.0.0/8').has('10.1.2.3')`.
 *
 * An IPv4 address written the IPv6 way (`::ffff:10.1.2.3`) is that IPv4 address, in the range and in the value. Only
 * the usual notation counts: what C libraries also take for an address (`10.1`, `0x0a000001`, `012.0.0.1`) is none.
 */
import ipaddr from 'ipaddr.js'
import { ValidationException } from '../../errors.js'

type Address = ReturnType<typeof ipaddr.process>

/** The longest text an address can be, with a zone. */
const ADDRESS_LENGTH_LIMIT = 100

export class Subnet {
  readonly cidr: string
  readonly #range: [Address, number]

  /** @throws {ValidationException} `FILTER_SUBNET` when the text is no CIDR range. */
  constructor(cidr: string) {
    this.cidr = cidr
    this.#range = parseRange(cidr)
  }

  /** Whether a value is an address in the range; what is no address is just not in it. */
  has(value: unknown): boolean {
    const address = parseAddress(value)
    if (address === undefined || address.kind() !== this.#range[0].kind()) return false
    return address.match(this.#range)
  }
}

function parseRange(cidr: string): [Address, number] {
  const slash = cidr.lastIndexOf('/')
  const address = parseAddress(cidr.slice(0, Math.max(slash, 0)))
  const bits = cidr.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(bits)) throw notARange(cidr)
  // The address has become an IPv4 address; its prefix still counts the 96 bits before it.
  const mapped = address.kind() === 'ipv4' && cidr.includes(':')
  const prefix = Number(bits) - (mapped ? 96 : 0)
  if (prefix < 0 || prefix > (address.kind() === 'ipv4' ? 32 : 128)) throw notARange(cidr)
  return [address, prefix]
}

function parseAddress(value: unknown): Address | undefined {
  if (typeof value !== 'string' || value.length > ADDRESS_LENGTH_LIMIT) return undefined
  try {
    if (value.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(value)) return ipaddr.process(value)
  } catch {
    // It only looked like one.
  }
  return undefined
}

function notARange(cidr: string): ValidationException {
  const shown = cidr.length > ADDRESS_LENGTH_LIMIT ? `${cidr.slice(0, ADDRESS_LENGTH_LIMIT)}…` : cidr
  const message = `Cannot use ${JSON.stringify(shown)} as a subnet: it takes an address and a prefix, as in "10.0.0.0/8"`
  return new ValidationException('FILTER_SUBNET', message)
}
