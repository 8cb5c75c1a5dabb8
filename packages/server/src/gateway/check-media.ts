import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import { isIP } from 'node:net'
import { isPrivateAddress, isPrivateName } from '../deployments/private-address.ts'
import type { LlmCall } from './call.ts'
import { isConversation } from './routes/routes.ts'

/**
 * Refuses media whose address points into a private network: whoever fetches it, a provider of one's own or
 * this gateway, would read on the client's behalf what the client cannot.
 *
 * @throws 400 `url_not_allowed`.
 */
export function checkMedia(call: LlmCall): void {
  if (!isConversation(call.route) || !call.scan.sawWatched) return
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

/** URL parsing has already turned odd spellings of numbers into plain ones. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? isPrivateName(host) : isPrivateAddress(host)
}
