import { BlockList, isIP } from 'node:net'

/** Addresses that lead to this machine, its neighbours, its cloud's own services, or to nobody. */
const IPV4_NETWORKS = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's platform answers here, on a public address.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

const IPV6_NETWORKS = [
  ['::', 127],
  // NAT64 inside one's own network; Teredo, documentation, 6to4: nobody's provider lives there.
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const

/** Prefixes behind which an IPv6 address carries an IPv4 one: mapped, translated (NAT64), compatible. */
const IPV4_WITHIN_IPV6 = ['::ffff:', '64:ff9b::', '::'] as const
const WITHIN_BITS = 96

// Two lists: one list takes every IPv4 address for a member of IPv6's mapped ones.
const ipv4 = new BlockList()
const ipv6 = new BlockList()
for (const [network, prefix] of IPV6_NETWORKS) ipv6.addSubnet(network, prefix, 'ipv6')
for (const [network, prefix] of IPV4_NETWORKS) {
  ipv4.addSubnet(network, prefix, 'ipv4')
  for (const before of IPV4_WITHIN_IPV6) ipv6.addSubnet(before + network, WITHIN_BITS + prefix, 'ipv6')
}

/** Whether an IP address is not one of the public internet. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  return isIP(plain) === 6 ? ipv6.check(plain, 'ipv6') : ipv4.check(plain, 'ipv4')
}

/** Endings that no public name server answers for, so that nobody outside can give such a name an address. */
const PRIVATE_ENDING = /\.(localhost|local|internal|svc|home\.arpa|lan|home|corp|intranet|private|test)$/

/** Whether a host name is plainly one of a private network: whoever writes it means that network. */
export function isPrivateName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '').toLowerCase()
  return !name.includes('.') || PRIVATE_ENDING.test(name)
}
