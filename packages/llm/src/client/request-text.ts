import type { ChatRequest } from '../types/request.ts'

/** All text of a request, for estimates. */
export function textOfRequest(request: ChatRequest): string {
  const texts: string[] = []
  for (const message of request.messages)
    for (const part of message.content) {
      if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') texts.push(part.text)
      else if (part.type === 'tool-call') texts.push(part.name, part.arguments)
    }
  if (request.tools !== undefined && request.tools.length > 0) texts.push(JSON.stringify(request.tools))
  return texts.join('\n')
}
