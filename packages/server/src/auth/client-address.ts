import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/**
 * The address a request comes from. Behind a proxy that says so in `X-Forwarded-For` it is the last one named there:
 * the proxy wrote that one itself, what stands before it anybody may have written.
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  useForwardedFor: boolean,
): string | undefined {
  const forwarded = useForwardedFor ? headers['x-forwarded-for'] : undefined
  const named = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim()
  const address = named ?? socket.remoteAddress
  return address?.startsWith(MAPPED) === true ? address.slice(MAPPED.length) : address
}

/** How an IPv4 address looks on a socket of both families. */
const MAPPED = '::ffff:'

const lists = new WeakMap<readonly string[], BlockList>()

/** Whether an address is one of a list of addresses and ranges (`10.0.0.0/8`). What is no address is in none. */
export function isAddressIn(list: readonly string[], address: string | undefined): boolean {
  const family = isIP(address ?? '')
  if (address === undefined || family === 0) return false
  let ranges = lists.get(list)
  if (ranges === undefined) lists.set(list, (ranges = readRanges(list)))
  return ranges.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function readRanges(list: readonly string[]): BlockList {
  const ranges = new BlockList()
  for (const entry of list) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address)
    // What an administrator misspelt lets nobody in.
    if (family === 0) continue
    const type = family === 4 ? 'ipv4' : 'ipv6'
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix)
    if (Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128))
      ranges.addSubnet(address, bits, type)
  }
  return ranges
}

/** LiteLLM's words. */
export function addressNotAllowed(address: string | undefined): SwitchyardError {
  return createError({
    code: 'permission_denied',
    reason: 'address_not_allowed',
    type: 'auth_error',
    message: `Access forbidden: IP address ${address ?? 'unknown'} not allowed. Ask the administrator to add it to allowed_ips.`,
  })
}
