import type { AnswerPart } from '../../types/message.ts'

interface Tags {
  open: string
  close: string
}

/** Splits a whole text whose reasoning stands between tags at its beginning. */
export function splitThinkTags(text: string, tags: Tags): AnswerPart[] {
  const splitter = createThinkTagSplitter(tags)
  let reasoning = ''
  let rest = ''
  for (const piece of [...splitter.push(text), ...splitter.end()]) {
    if (piece.reasoning) reasoning += piece.text
    else rest += piece.text
  }
  const parts: AnswerPart[] = []
  if (reasoning !== '') parts.push({ type: 'reasoning', text: reasoning })
  if (rest !== '') parts.push({ type: 'text', text: rest })
  return parts
}

export interface ThinkTagPiece {
  reasoning: boolean
  text: string
}

/** Splits text that arrives in pieces; a tag may be cut anywhere. Only tags at the very beginning count. */
export function createThinkTagSplitter(tags: Tags): {
  push: (text: string) => ThinkTagPiece[]
  end: () => ThinkTagPiece[]
} {
  let state: 'before' | 'inside' | 'after' = 'before'
  let held = ''

  const push = (text: string): ThinkTagPiece[] => {
    if (state === 'after') return text === '' ? [] : [{ reasoning: false, text }]
    held += text
    const pieces: ThinkTagPiece[] = []
    if (state === 'before') {
      const start = held.trimStart()
      if (start.startsWith(tags.open)) {
        state = 'inside'
        held = start.slice(tags.open.length)
      } else if (tags.open.startsWith(start)) {
        return []
      } else {
        return leave(pieces, held)
      }
    }
    const close = held.indexOf(tags.close)
    if (close >= 0) {
      const thought = held.slice(0, close)
      if (thought !== '') pieces.push({ reasoning: true, text: thought })
      return leave(pieces, held.slice(close + tags.close.length).replace(/^\n+/, ''))
    }
    const safe = held.length - heldBack(held, tags.close)
    if (safe > 0) pieces.push({ reasoning: true, text: held.slice(0, safe) })
    held = held.slice(safe)
    return pieces
  }

  const leave = (pieces: ThinkTagPiece[], rest: string): ThinkTagPiece[] => {
    state = 'after'
    held = ''
    if (rest !== '') pieces.push({ reasoning: false, text: rest })
    return pieces
  }

  return {
    push,
    end: () => (held === '' ? [] : [{ reasoning: state === 'inside', text: held }]),
  }
}

/** How many characters at the end may be the beginning of the tag. */
function heldBack(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--)
    if (text.endsWith(tag.slice(0, length))) return length
  return 0
}
