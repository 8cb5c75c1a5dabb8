import { createHash } from 'node:crypto'
import { createError, estimateTokens, textOfRequest } from '@switchyard/llm/kit'
import type {
  Answer,
  AnswerChoice,
  ChatRequest,
  EmbeddingAnswer,
  EmbeddingRequest,
  RerankAnswer,
  RerankRequest,
  TranscriptionAnswer,
  TranscriptionRequest,
  StreamEvent,
  Usage,
} from '@switchyard/llm/kit'
import type { LocalContext, LocalModel } from '../deployments/local-model.ts'
import { limit, tokensOf } from './limit.ts'
import type { Part } from './reply.ts'
import { replyTo } from './reply.ts'

const DIMENSIONS = 16
const MAX_DIMENSIONS = 4_096
const MAX_CHOICES = 8
/** Characters of a tool call's arguments that one delta brings. */
const ARGUMENTS_DELTA = 8

/**
 * `demo/echo`: answers without a network and without a key, so that a first request works. It says what it is,
 * repeats what it was told, calls the tools it is offered and fills in schemas; the same request always gets the
 * same answer.
 */
export const demoModel: LocalModel = {
  id: 'demo',
  rates: { inputPicoUsd: 0n, outputPicoUsd: 0n },
  answer,
  stream,
  embed,
  rank,
  listen,
}

function answer(request: ChatRequest, context: LocalContext): Answer {
  const count = Math.min(Math.max(request.n ?? 1, 1), MAX_CHOICES)
  const choices = Array.from({ length: count }, (): AnswerChoice =>
    limit(replyTo(request, context.newId), request),
  )
  return {
    id: `chatcmpl-${context.newId()}`,
    model: context.model,
    createdS: Math.floor(context.nowMs() / 1_000),
    choices,
    usage: usageOf(request, choices),
  }
}

function usageOf(request: ChatRequest, choices: readonly AnswerChoice[]): Usage {
  const parts = choices.flatMap((choice) => choice.parts)
  const reasoning = parts.filter(({ type }) => type === 'reasoning')
  return {
    inputTokens: estimateTokens(textOfRequest(request)),
    outputTokens: tokensOf(parts),
    ...(reasoning.length === 0 ? {} : { reasoningTokens: tokensOf(reasoning) }),
    source: 'estimated',
  }
}

function* stream(request: ChatRequest, context: LocalContext): Generator<StreamEvent> {
  const { id, model, createdS, choices, usage } = answer(request, context)
  yield { type: 'start', id, model, createdS }
  let index = 0
  for (const [choice, { parts }] of choices.entries())
    for (const part of parts) yield* piecesOf(part, index++, choice)
  const [first, ...otherChoices] = choices.map(({ finish }) => finish)
  yield {
    type: 'finish',
    ...(first ?? { reason: 'stop' }),
    ...(otherChoices.length === 0 ? {} : { otherChoices }),
    usage,
  }
}

/** Texts word by word, arguments in pieces that end anywhere, as models send them. */
function* piecesOf(part: Part, index: number, choice: number): Generator<StreamEvent> {
  const place = choice === 0 ? {} : { choice }
  if (part.type === 'tool-call') {
    yield { type: 'tool-call-start', index, id: part.id, name: part.name, ...place }
    for (let at = 0; at < part.arguments.length; at += ARGUMENTS_DELTA)
      yield { type: 'tool-call-delta', index, arguments: part.arguments.slice(at, at + ARGUMENTS_DELTA) }
    yield { type: 'tool-call-end', index }
  } else if (part.type === 'text') {
    yield { type: 'text-start', index, ...place }
    for (const text of wordsOf(part.text)) yield { type: 'text-delta', index, text }
    yield { type: 'text-end', index }
  } else if (part.type === 'reasoning') {
    yield { type: 'reasoning-start', index, ...place }
    for (const text of wordsOf(part.text)) yield { type: 'reasoning-delta', index, text }
    yield { type: 'reasoning-end', index }
  }
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+\s*?(?=\s|$)|\s+$/g) ?? []
}

function embed(request: EmbeddingRequest, context: LocalContext): EmbeddingAnswer {
  const dimensions = request.dimensions ?? DIMENSIONS
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw createError({
      code: 'bad_request',
      message: `The demo model makes vectors of 1 to ${MAX_DIMENSIONS} dimensions, not ${dimensions}`,
      param: 'dimensions',
    })
  const texts = request.inputs.map((input) => (input.type === 'text' ? input.text : JSON.stringify(input)))
  return {
    model: context.model,
    embeddings: texts.map((text) => unitVector(text, dimensions)),
    usage: {
      inputTokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
      outputTokens: 0,
      source: 'estimated',
    },
  }
}

/** Equal texts have equal vectors; nearness means nothing. */
function unitVector(text: string, dimensions: number): number[] {
  const bytes = createHash('shake256', { outputLength: dimensions * 4 })
    .update(text)
    .digest()
  const values = Array.from({ length: dimensions }, (_, index) => bytes.readInt32LE(index * 4) / 2 ** 31)
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

/** A document is as good as the share of the query's words that it has. */
function rank({ query, texts }: RerankRequest, context: LocalContext): RerankAnswer {
  const wanted = wordSet(query)
  return {
    id: `rerank-${context.newId()}`,
    model: context.model,
    rankings: texts.map((text, index) => {
      const words = wordSet(text)
      const found = [...wanted].filter((word) => words.has(word)).length
      return { index, score: wanted.size === 0 ? 0 : found / wanted.size }
    }),
  }
}

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
}

/** It cannot hear: it says what it was given, at a word a second. */
function listen({ file, language = 'en' }: TranscriptionRequest, context: LocalContext): TranscriptionAnswer {
  const text = `A recording of ${file.bytes.length} bytes, called ${file.name}.`
  const words = text.split(' ').map((word, index) => ({ word, start: index, end: index + 1 }))
  return { model: context.model, text, language, durationMs: words.length * 1_000, words }
}
