import type { Answer, AnswerChoice, Finish } from '../types/answer.ts'
import type { FinishEvent, StartEvent, StreamEvent } from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { Json } from '../types/json.ts'
import type { AnswerPart } from '../types/message.ts'
import type { BlockHead } from './event-writer.ts'
import { arrayOf, objectOf } from './wire.ts'

/** Gathers events into the answer they tell. Feed it all events, then ask for `answer()`. */
export interface Collector {
  push: (event: StreamEvent) => void
  /** The answer so far; after `finish` it is whole. */
  answer: () => Answer
  failure: () => Failure | undefined
}

export function createCollector(): Collector {
  const parts = new Map<number, { choice: number; part: AnswerPart }>()
  const logprobs = new Map<number, Json>()
  let start: StartEvent | undefined
  let finish: FinishEvent | undefined
  let failure: Failure | undefined
  let failedUsage: StartEvent['usage']

  const open = (index: number, choice: number | undefined, part: AnswerPart): void => {
    parts.set(index, { choice: choice ?? 0, part })
  }

  const push = (event: StreamEvent): void => {
    switch (event.type) {
      case 'start':
        start = event
        return
      case 'text-start':
        open(event.index, event.choice, { type: 'text', text: '', ...headOf(event) })
        return
      case 'reasoning-start':
        open(event.index, event.choice, { type: 'reasoning', text: '', ...headOf(event) })
        return
      case 'refusal-start':
        open(event.index, event.choice, { type: 'refusal', text: '' })
        return
      case 'tool-call-start': {
        const { id, name, itemId, custom, dialect } = event
        const extra = {
          ...(itemId === undefined ? {} : { itemId }),
          ...(custom === undefined ? {} : { custom }),
          ...(dialect === undefined ? {} : { dialect }),
        }
        open(event.index, event.choice, { type: 'tool-call', id, name, arguments: '', ...extra })
        return
      }
      case 'part':
        open(event.index, event.choice, event.part)
        return
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta': {
        const part = parts.get(event.index)?.part
        if (part !== undefined && 'text' in part) part.text += event.text
        return
      }
      case 'tool-call-delta': {
        const part = parts.get(event.index)?.part
        if (part?.type === 'tool-call') part.arguments += event.arguments
        return
      }
      case 'text-end':
      case 'tool-call-end': {
        const part = parts.get(event.index)?.part
        if ((part?.type === 'text' || part?.type === 'tool-call') && event.signature !== undefined)
          part.signature = event.signature
        return
      }
      case 'reasoning-end': {
        const part = parts.get(event.index)?.part
        if (part?.type !== 'reasoning') return
        const { type: _type, index: _index, ...proof } = event
        for (const [key, value] of Object.entries(proof))
          if (value !== undefined) Object.assign(part, { [key]: value })
        return
      }
      case 'refusal-end':
        return
      case 'annotation': {
        const part = parts.get(event.index)?.part
        if (part?.type === 'text') (part.annotations ??= []).push(event.annotation)
        return
      }
      case 'logprobs':
        logprobs.set(event.choice ?? 0, mergeLogprobs(logprobs.get(event.choice ?? 0), event.logprobs))
        return
      case 'finish':
        finish = event
        return
      case 'error':
        failure = event.failure
        failedUsage = event.usage
    }
  }

  const answer = (): Answer => {
    const ends = [finishOf(finish), ...(finish?.otherChoices ?? [])]
    const choices: AnswerChoice[] = ends.map((end) => ({ parts: [], finish: end }))
    const ordered = [...parts.entries()].sort(([left], [right]) => left - right)
    for (const [, { choice, part }] of ordered) {
      while (choices.length <= choice) choices.push({ parts: [], finish: { reason: 'other' } })
      choices[choice]?.parts.push(part)
    }
    for (const [choice, value] of logprobs) {
      const owner = choices[choice]
      if (owner !== undefined) owner.logprobs = value
    }
    const result: Answer = { id: start?.id ?? '', model: finish?.model ?? start?.model ?? '', choices }
    const usage = finish?.usage ?? failedUsage ?? start?.usage
    if (usage !== undefined) result.usage = usage
    if (start?.createdS !== undefined) result.createdS = start.createdS
    if (start?.systemFingerprint !== undefined) result.systemFingerprint = start.systemFingerprint
    const serviceTier = finish?.serviceTier ?? start?.serviceTier
    if (serviceTier !== undefined) result.serviceTier = serviceTier
    if (finish?.metadata !== undefined) result.metadata = finish.metadata
    return result
  }

  return { push, answer, failure: () => failure }
}

/** The answer that a whole list of events tells. */
export function collect(events: Iterable<StreamEvent>): Answer {
  const collector = createCollector()
  for (const event of events) collector.push(event)
  return collector.answer()
}

/** The events that tell a whole answer: one delta a part. */
export function eventsOf(answer: Answer): StreamEvent[] {
  const events: StreamEvent[] = []
  const { id, model, createdS, serviceTier, systemFingerprint, usage, metadata } = answer
  events.push({
    type: 'start',
    id,
    model,
    ...(createdS === undefined ? {} : { createdS }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(systemFingerprint === undefined ? {} : { systemFingerprint }),
  })
  let index = 0
  answer.choices.forEach((choice, number) => {
    for (const part of choice.parts) writePart(events, part, index++, number)
    if (choice.logprobs !== undefined)
      events.push({
        type: 'logprobs',
        ...(number === 0 ? {} : { choice: number }),
        logprobs: choice.logprobs,
      })
  })
  const [first, ...others] = answer.choices.map((choice) => choice.finish)
  events.push({
    type: 'finish',
    ...(first ?? { reason: 'other' }),
    ...(others.length > 0 ? { otherChoices: others } : {}),
    ...(usage === undefined ? {} : { usage }),
    ...(metadata === undefined ? {} : { metadata }),
  })
  return events
}

function writePart(events: StreamEvent[], part: AnswerPart, index: number, number: number): void {
  const choice = number === 0 ? {} : { choice: number }
  switch (part.type) {
    case 'text':
      events.push({ type: 'text-start', index, ...choice, ...headOf(part) })
      if (part.text !== '') events.push({ type: 'text-delta', index, text: part.text })
      for (const annotation of part.annotations ?? []) events.push({ type: 'annotation', index, annotation })
      events.push({
        type: 'text-end',
        index,
        ...(part.signature === undefined ? {} : { signature: part.signature }),
      })
      return
    case 'reasoning': {
      const { type: _type, text, dialect: _dialect, ...proof } = part
      events.push({ type: 'reasoning-start', index, ...choice, ...headOf(part) })
      if (text !== '') events.push({ type: 'reasoning-delta', index, text })
      events.push({ type: 'reasoning-end', index, ...proof })
      return
    }
    case 'refusal':
      events.push({ type: 'refusal-start', index, ...choice })
      if (part.text !== '') events.push({ type: 'refusal-delta', index, text: part.text })
      events.push({ type: 'refusal-end', index })
      return
    case 'tool-call': {
      const { type: _type, arguments: text, signature, ...call } = part
      events.push({ type: 'tool-call-start', index, ...choice, ...call })
      if (text !== '') events.push({ type: 'tool-call-delta', index, arguments: text })
      events.push({ type: 'tool-call-end', index, ...(signature === undefined ? {} : { signature }) })
      return
    }
    default:
      events.push({ type: 'part', index, ...choice, part })
  }
}

/** What is known of a text or of thinking when it begins. */
function headOf(head: BlockHead): BlockHead {
  const { itemId, dialect } = head
  return { ...(itemId === undefined ? {} : { itemId }), ...(dialect === undefined ? {} : { dialect }) }
}

function finishOf(event: FinishEvent | undefined): Finish {
  if (event === undefined) return { reason: 'other' }
  return {
    reason: event.reason,
    ...(event.rawReason === undefined ? {} : { rawReason: event.rawReason }),
    ...(event.stopSequence === undefined ? {} : { stopSequence: event.stopSequence }),
  }
}

/** Joins the token lists that OpenAI sends piece by piece. */
function mergeLogprobs(known: Json | undefined, piece: Json): Json {
  const left = objectOf(known)
  const right = objectOf(piece)
  if (left === undefined || right === undefined) return piece
  const merged: Record<string, Json> = {}
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const joined = [...arrayOf(left[key]), ...arrayOf(right[key])]
    merged[key] = joined.length > 0 ? joined : (right[key] ?? left[key] ?? null)
  }
  return merged
}
