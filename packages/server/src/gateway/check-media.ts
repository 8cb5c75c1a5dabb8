import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import { BlockList, isIP } from 'node:net'
import { watchKeys } from '../http/json-scanner.ts'
import type { KeyWatch } from '../http/json-scanner.ts'
import type { LlmCall } from './call.ts'

/** Names under which clients give media by address. Bodies without any are not looked into. */
export const MEDIA_KEYS: KeyWatch = watchKeys(['image_url', 'file_data', 'file_url', 'url'])

/**
 * Refuses media whose address points into a private network: whoever fetches it, a provider of one's own or
 * this gateway, would read on the client's behalf what the client cannot.
 *
 * @throws 400 `url_not_allowed`.
 */
export function checkMedia(call: LlmCall): void {
  if (call.route.operation === 'embeddings' || !call.scan.sawWatched) return
  call.chatRequest().messages.forEach((message, index) => {
    for (const part of message.content)
      if ('source' in part && part.source.type === 'url') checkUrl(part.source.url, `messages[${index}]`)
  })
}

function checkUrl(text: string, path: string): void {
  const url = URL.parse(text)
  if (url === null) throw notAllowed(path, 'it is not a valid address')
  if (url.protocol === 'gs:' || url.protocol === 's3:') return
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw notAllowed(path, 'only http and https are taken')
  if (isPrivateHost(url.hostname)) throw notAllowed(path, 'it points into a private network')
}

function notAllowed(path: string, why: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'url_not_allowed',
    message: `The address of the media in ${path} is refused: ${why}.`,
    param: path,
  })
}

// Two lists: one list takes every IPv4 address for a member of IPv6's mapped ones.
const PRIVATE_IPV4 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE_IPV4.addSubnet(network, prefix, 'ipv4')
const PRIVATE_IPV6 = new BlockList()
for (const [network, prefix] of [
  ['::', 127],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE_IPV6.addSubnet(network, prefix, 'ipv6')

/** Addresses and names of private networks. URL parsing has already turned odd spellings of numbers into plain ones. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
  const version = isIP(host)
  if (version === 4) return PRIVATE_IPV4.check(host, 'ipv4')
  if (version === 6) return PRIVATE_IPV6.check(host, 'ipv6')
  return host === 'localhost' || /\.(localhost|local|internal|home\.arpa)$/.test(host) || !host.includes('.')
}
