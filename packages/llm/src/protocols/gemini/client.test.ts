import { describe, expect, it } from 'vitest'
import { createFailure } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import { createSseReader } from '../../http/sse.ts'
import { collect, eventsOf } from '../collect.ts'
import { geminiDialect, geminiProtocol } from './index.ts'

const parse = (body: JsonObject): ChatRequest => geminiDialect.parseRequest({ model: 'm', ...body })

const hi = [{ role: 'user', parts: [{ text: 'hi' }] }]

describe('a request', () => {
  const whole: JsonObject = {
    contents: [
      {
        role: 'user',
        parts: [
          { text: 'look' },
          { inlineData: { mimeType: 'image/png', data: 'AA' } },
          { inlineData: { mimeType: 'audio/wav', data: 'BB' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'gs://b/a.pdf' } },
        ],
      },
      {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 's0' },
          { text: 'wait', thoughtSignature: 's1' },
          { functionCall: { name: 'f', args: { a: [1] } }, thoughtSignature: 's2' },
          { functionCall: { id: 'known', name: 'f', args: {} } },
          { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 's3' },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { output: 'fine' } } },
          { functionResponse: { id: 'known', name: 'f', response: { error: 'broken' } } },
          { text: 'go on' },
        ],
      },
    ],
    systemInstruction: { parts: [{ text: 'be brief' }] },
    tools: [
      {
        functionDeclarations: [
          {
            name: 'f',
            description: 'F',
            parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
          },
        ],
      },
      { googleSearch: {} },
    ],
    toolConfig: {
      functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      retrievalConfig: { languageCode: 'de' },
    },
    generationConfig: {
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      stopSequences: ['x'],
      seed: 1,
      candidateCount: 2,
      responseModalities: ['TEXT'],
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } } },
      thinkingConfig: { thinkingBudget: 100, includeThoughts: true },
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
    },
    safetySettings: [{ category: 'C', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/1',
    serviceTier: 'flex',
  }

  it('comes back the same in its own wire', () => {
    const context = { model: 'm', quirks: {}, newId: () => '1' }
    expect(geminiProtocol.renderRequest(parse(whole), context).body).toEqual(whole)
  })

  it('means the same to others', () => {
    const request = parse({ ...whole, stream: true })
    expect(request).toMatchObject({
      stream: true,
      maxTokens: 9,
      n: 2,
      modalities: ['text'],
      reasoning: { budgetTokens: 100, summary: 'auto' },
      responseFormat: { type: 'json-schema', schema: { type: 'object' } },
      tools: [
        {
          type: 'function',
          name: 'f',
          parameters: { type: 'object', properties: { a: { type: 'string' } } },
        },
        { type: 'native', protocol: 'gemini', raw: { googleSearch: {} } },
      ],
    })
    expect(request.messages.map((message) => message.role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'tool',
      'user',
    ])
    expect(request.messages.slice(3, 5)).toMatchObject([
      { toolCallId: 'gemini_call_0', toolName: 'f', content: [{ text: 'fine' }] },
      { toolCallId: 'known', isError: true, content: [{ text: 'broken' }] },
    ])
  })

  it('may be written in snake_case', () => {
    expect(
      parse({
        contents: [
          { parts: [{ inline_data: { mime_type: 'image/png', data: 'AA' } }] },
          {
            role: 'model',
            parts: [{ function_call: { name: 'f', args: { snake_case: 1 } }, thought_signature: 's' }],
          },
        ],
        system_instruction: { parts: [{ text: 'x' }] },
        generation_config: { max_output_tokens: 3, thinking_config: { thinking_level: 'LOW' } },
        safety_settings: [],
      }),
    ).toMatchObject({
      maxTokens: 3,
      reasoning: { effort: 'low' },
      messages: [
        { role: 'system' },
        { role: 'user', content: [{ type: 'image', source: { mediaType: 'image/png', data: 'AA' } }] },
        { role: 'assistant', content: [{ arguments: '{"snake_case":1}', signature: 's' }] },
      ],
      dialect: { fields: { safetySettings: [] } },
    })
  })

  it.each<[JsonObject, object]>([
    [{ thinkingBudget: 0 }, { effort: 'none', mode: 'disabled' }],
    [{ thinkingBudget: -1 }, { mode: 'adaptive' }],
    [
      { thinkingLevel: 'HIGH', includeThoughts: true },
      { effort: 'high', summary: 'auto' },
    ],
  ])('says how much to think: %j', (thinkingConfig, reasoning) => {
    expect(parse({ contents: hi, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning)
  })

  it.each<[JsonObject, object | undefined]>([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'NONE' }, { type: 'none' }],
    [{ mode: 'ANY' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { type: 'tool', name: 'f' },
    ],
    [{ mode: 'ANY', allowedFunctionNames: ['f', 'g'] }, { type: 'required' }],
    [{ mode: 'VALIDATED' }, undefined],
  ])('chooses tools: %j', (functionCallingConfig, toolChoice) => {
    expect(parse({ contents: hi, toolConfig: { functionCallingConfig } }).toolChoice).toEqual(toolChoice)
  })

  it.each<[JsonObject, string]>([
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: 'hi' }, 'contents'],
    [{ contents: [{ role: 'assistant', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
    [{ contents: [{ parts: [{ video: {} }] }] }, 'contents[0].parts[0]'],
    [{ contents: [{ parts: [{ functionResponse: {} }] }] }, 'contents[0].parts[0].functionResponse.name'],
    [
      { contents: [{ role: 'model', parts: [{ functionCall: {} }] }] },
      'contents[0].parts[0].functionCall.name',
    ],
    [{ contents: hi, generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
    [{ contents: hi, generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences[0]'],
    [{ contents: hi, tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ contents: hi, tools: {} }, 'tools'],
    [{ contents: hi, systemInstruction: { parts: [{}] } }, 'systemInstruction.parts[0]'],
  ])('is refused: %j', (body, param) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'bad_request', param }))
  })
})

describe('an answer', () => {
  const answer: Answer = {
    id: 'r',
    model: 'upstream',
    createdS: 1_767_225_600,
    choices: [
      {
        parts: [
          { type: 'reasoning', text: 'hm', signature: 's0' },
          {
            type: 'text',
            text: 'é ab',
            signature: 's1',
            annotations: [
              {
                type: 'url-citation',
                url: 'https://a.test',
                title: 'A',
                startIndex: 2,
                endIndex: 4,
                citedText: 'ab',
              },
            ],
          },
          { type: 'tool-call', id: 'call_9', name: 'f', arguments: '{"a":1}', signature: 's2' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' } },
          {
            type: 'opaque',
            protocol: 'gemini',
            kind: 'executableCode',
            raw: { executableCode: { code: '1' } },
          },
        ],
        finish: { reason: 'tool-calls', rawReason: 'STOP' },
        logprobs: { content: [{ token: 'a', logprob: -0.1, bytes: [97], top_logprobs: [] }] },
      },
      { parts: [{ type: 'text', text: 'b' }], finish: { reason: 'length', rawReason: 'MAX_TOKENS' } },
    ],
    usage: {
      inputTokens: 5,
      outputTokens: 9,
      totalTokens: 14,
      reasoningTokens: 4,
      cacheReadTokens: 2,
      source: 'provider',
    },
    metadata: { safetyRatings: [{ category: 'C' }] },
  }
  const context = { id: 'client-id', model: 'alias', createdS: 1, request: parse({ contents: hi }) }
  const parseContext = { provider: 'gemini', model: 'm', quirks: {}, newId: () => '1' }

  /** What has to survive; sources and counts gain the raw form of what they were read from. */
  const meaning = ({ choices, usage, metadata }: Answer): unknown => ({
    choices: choices.map(({ parts, ...rest }) => ({
      ...rest,
      parts: parts.map((part) =>
        part.type === 'text' && part.annotations !== undefined
          ? { ...part, annotations: part.annotations.map(({ raw: _raw, ...annotation }) => annotation) }
          : part,
      ),
    })),
    usage: {
      input: usage?.inputTokens,
      output: usage?.outputTokens,
      thought: usage?.reasoningTokens,
      read: usage?.cacheReadTokens,
    },
    ratings: metadata?.safetyRatings,
  })

  it('keeps its meaning as a whole', () => {
    const body = geminiDialect.renderAnswer(answer, context)
    expect(body).toMatchObject({
      responseId: 'client-id',
      modelVersion: 'alias',
      createTime: '2026-01-01T00:00:00.000Z',
      usageMetadata: {
        promptTokenCount: 5,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 4,
        totalTokenCount: 14,
      },
    })
    expect(meaning(geminiProtocol.parseAnswer(body, parseContext))).toEqual(meaning(answer))
  })

  it('keeps its meaning as a stream, without an end mark', () => {
    const renderer = geminiDialect.createStreamRenderer(context)
    const text = eventsOf(answer)
      .map((event) => renderer.push(event))
      .join('')
    expect(text).toMatch(/^data: \{.*\}\r\n\r\n$/s)
    expect(text).not.toContain('[DONE]')
    const parser = geminiProtocol.createStreamParser(parseContext)
    const frames = createSseReader().push(new TextEncoder().encode(text))
    const read = collect([...frames.flatMap((frame) => parser.push(frame)), ...parser.end()])
    expect(meaning(read)).toEqual(meaning(answer))
  })

  it('to a refused prompt has no candidates', () => {
    const refused: Answer = {
      id: '',
      model: '',
      choices: [{ parts: [], finish: { reason: 'content-filter', rawReason: 'SAFETY' } }],
      metadata: { promptFeedback: { blockReason: 'SAFETY' } },
    }
    const body = geminiDialect.renderAnswer(refused, context)
    expect(body).toEqual({
      promptFeedback: { blockReason: 'SAFETY' },
      modelVersion: 'alias',
      responseId: 'client-id',
    })
  })

  it.each([
    ['stop', 'end_turn', 'STOP'],
    ['tool-calls', 'tool_use', 'STOP'],
    ['content-filter', 'content_filter', 'SAFETY'],
    ['content-filter', 'RECITATION', 'RECITATION'],
    ['other', 'LANGUAGE', 'LANGUAGE'],
    ['other', undefined, 'OTHER'],
  ] as const)('that ended with %s (%s) says %s', (reason, rawReason, word) => {
    const ended: Answer = { id: '', model: '', choices: [{ parts: [], finish: { reason, rawReason } }] }
    expect(geminiDialect.renderAnswer(ended, context)).toMatchObject({ candidates: [{ finishReason: word }] })
  })
})

it('writes failures as Google does', () => {
  const failure = createFailure({ code: 'rate_limit', message: 'slow down', retryAfterMs: 1_500 })
  const body = geminiDialect.renderFailure(failure, { requestId: 'q' })
  expect(body).toEqual({
    error: {
      code: 429,
      message: 'slow down',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'q' },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
      ],
    },
  })
  expect(geminiDialect.renderStreamFailure(failure, { requestId: 'q' })).toBe(
    `data: ${JSON.stringify(body)}\r\n\r\n`,
  )
})
