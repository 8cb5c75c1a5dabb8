/**
 * Older Gemini models name no call ids, and clients that speak Gemini send none. The ids we give such
 * calls tell that they are ours, so that they do not go out on a wire that never had them.
 */
const PREFIX = 'gemini_call_'

/** The id of a client's nth call without one. */
export function madeCallId(count: number): string {
  return `${PREFIX}${count}`
}

/** The id as it goes on the wire: left out when it is ours. */
export function wireCallId(id: string): string | undefined {
  return id === '' || id.startsWith(PREFIX) ? undefined : id
}
