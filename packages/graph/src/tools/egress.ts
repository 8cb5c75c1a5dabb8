import { lookup as resolve } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

/** Networks of this machine, its neighbours, its cloud's own services, or of nobody. */
const IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
] as const
const IPV6 = [
  '::/127',
  '64:ff9b:1::/48',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const
/** Where IPv6 carries an IPv4 address in its last 32 bits. */
const CARRIES_IPV4 = ['::ffff:', '64:ff9b::', '::'] as const

const ipv4 = new BlockList()
const ipv6 = new BlockList()
for (const network of IPV6) {
  const [address = '', bits] = network.split('/')
  ipv6.addSubnet(address, Number(bits), 'ipv6')
}
for (const network of IPV4) {
  const [address = '', bits] = network.split('/')
  ipv4.addSubnet(address, Number(bits))
  for (const before of CARRIES_IPV4) ipv6.addSubnet(before + address, 96 + Number(bits), 'ipv6')
}

/** Whether an IP address leads into a private network. */
function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '').replace(/^\[|\]$/g, '')
  const version = isIP(plain)
  if (version === 0) return true
  return version === 6 ? ipv6.check(plain, 'ipv6') : ipv4.check(plain)
}

/** Refused before anything was sent. */
export class EgressError extends Error {
  override name = 'EgressError'
}

export interface EgressRules {
  /** Host names that may be asked; `*.example.com` for all below one. All public ones when absent. */
  readonly allowHosts?: readonly string[] | undefined
  /** Whether private networks may be asked. Default: no. */
  readonly allowPrivateNetworks?: boolean | undefined
}

function isListed(hostname: string, hosts: readonly string[]): boolean {
  return hosts.some((host) =>
    host.startsWith('*.') ? hostname.endsWith(host.slice(1).toLowerCase()) : hostname === host.toLowerCase(),
  )
}

/** @throws {EgressError} when an address may not be asked, as far as its text tells. */
export function checkUrl(url: URL, { allowHosts, allowPrivateNetworks }: EgressRules): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressError(`${url.protocol} is not fetched, only https: and http:.`)
  }
  if (url.username !== '' || url.password !== '')
    throw new EgressError('An address with a user or password in it is not fetched.')
  const hostname = url.hostname.toLowerCase().replace(/\.$/, '')
  if (allowHosts !== undefined && !isListed(hostname, allowHosts)) {
    throw new EgressError(`${hostname} is not among the hosts that may be fetched from.`)
  }
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (allowPrivateNetworks !== true && isIP(literal) !== 0 && isPrivateAddress(literal)) {
    throw new EgressError(`${hostname} is an address of a private network.`)
  }
}

type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A lookup for sockets: the very address that is connected to was checked, so a name cannot change in between. */
export function guardedLookup(
  { allowPrivateNetworks }: EgressRules,
  lookup: Resolve = resolve as Resolve,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const allowed = addresses.filter(
        ({ address }) => allowPrivateNetworks === true || !isPrivateAddress(address),
      )
      const [first] = allowed
      if (first === undefined)
        return callback(new EgressError(`${hostname} leads into a private network.`), '')
      if (options.all === true) return callback(null, allowed as never)
      return callback(null, first.address, first.family)
    })
  }
}
