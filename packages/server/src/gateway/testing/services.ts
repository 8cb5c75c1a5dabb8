import { chatSurfaceOf, createCatalog, providers, resolveTarget, TransportError } from '@switchyard/llm/kit'
import type { ChatOperation, ChatProtocol, ResolvedTarget } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { loadConfig } from '../../config/index.ts'
import type { LocalModel } from '../../deployments/local-model.ts'
import type { Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../deployments/upstream.ts'
import { createServices } from '../../services.ts'
import type { Services } from '../../services.ts'
import { readCall } from '../call.ts'
import type { LlmCall } from '../call.ts'
import { createReceipt } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { LLM_ROUTES } from '../routes/routes.ts'
import type { LlmOperation, LlmRoute } from '../routes/routes.ts'
import type { RelayPlan } from '../upstream/plan.ts'
import { parse } from './streams.ts'

/** A model inside this process: its place and its price are looked at, its answers are tested elsewhere. */
const unaskedModel: LocalModel = {
  id: 'demo',
  rates: { inputPicoUsd: 0n, outputPicoUsd: 0n },
  answer: unasked,
  stream: unasked,
  embed: unasked,
  rank: unasked,
  listen: unasked,
}

function unasked(): never {
  throw new Error('nobody asks this model')
}

/** Services for a configuration that is written as YAML; parts of them may be replaced. */
export async function servicesOf(yaml: string, parts: Partial<Services> = {}): Promise<Services> {
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(yaml), env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  let ids = 0
  const services = createServices({
    config: loaded.config,
    version: '1.2.3',
    env: () => undefined,
    localModels: [unaskedModel],
    nowMs: () => 1_700_000_000_000,
    newId: () => `id-${++ids}`,
    random: parts.random ?? (() => 0.5),
    ...(parts.monotonicMs === undefined ? {} : { monotonicMs: parts.monotonicMs }),
  })
  return { ...services, ...parts }
}

export function routeOf(operation: LlmOperation): LlmRoute {
  const route = LLM_ROUTES.find((one) => one.operation === operation)
  if (route === undefined) throw new Error(`no route for ${operation}`)
  return route
}

/** A body as a client sends it, read. */
export function callOf(
  body: object | string,
  operation: LlmOperation = 'chat',
  headers: IncomingHttpHeaders = {},
  params: Readonly<Record<string, string>> = {},
): LlmCall {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readCall(routeOf(operation), params, headers, Buffer.from(text))
}

export const chatBody = (more: object = {}): object => ({
  model: 'gpt',
  messages: [{ role: 'user', content: 'Hello' }],
  ...more,
})

/** An exchange without a connection, and what was written to it. */
export function exchangeOf(operation: LlmOperation = 'chat', startedMs = 0): Exchange {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  return {
    id: 'call-1',
    route: routeOf(operation),
    params: {},
    request,
    response,
    startedMs,
    receipt: createReceipt(),
  }
}

function targetOf(model: string): ResolvedTarget {
  const catalog = createCatalog()
  return resolveTarget(
    { model, apiKey: 'sk-provider' },
    {
      registry: providers,
      env: () => undefined,
      providerOfModel: (name) => catalog.providerOfBareModel(name),
    },
  )
}

/** How a provider's model is spoken to. */
export function protocolOf(model: string, operation: ChatOperation): ChatProtocol {
  return chatSurfaceOf(targetOf(model), operation).protocol
}

/** A call that a test answers itself. */
export class FakeCall implements UpstreamCall {
  readonly request: UpstreamRequest
  readonly sink: UpstreamSink
  readonly sent = true
  status: number | undefined
  aborted = false
  paused = 0
  resumed = 0
  #over = false

  constructor(request: UpstreamRequest, sink: UpstreamSink) {
    this.request = request
    this.sink = sink
  }

  /** As the real one: the sink hears of it at once, and of nothing more. */
  abort(): void {
    if (this.#over) return
    this.aborted = true
    this.fail(new TransportError('aborted', this.request.origin))
  }

  pause(): void {
    this.paused++
  }

  resume(): void {
    this.resumed++
  }

  head(status = 200, headers: IncomingHttpHeaders = { 'content-type': 'application/json' }): this {
    if (this.#over) return this
    this.status = status
    this.sink.head(status, headers)
    return this
  }

  data(bytes: Buffer | string): boolean {
    return this.#over ? true : this.sink.data(Buffer.from(bytes))
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.sink.end()
  }

  fail(error: TransportError = new TransportError('reset', this.request.origin)): void {
    if (this.#over) return
    this.#over = true
    this.sink.failure(error)
  }

  answer(status: number, body: string, headers?: IncomingHttpHeaders): void {
    this.head(status, headers)
    this.data(body)
    this.end()
  }
}

/** Providers that do what the test says. */
export class FakeUpstream implements Upstream {
  readonly calls: FakeCall[] = []
  readonly #onCall: (call: FakeCall) => void

  constructor(onCall: (call: FakeCall) => void = () => {}) {
    this.#onCall = onCall
  }

  send(request: UpstreamRequest, sink: UpstreamSink): UpstreamCall {
    const call = new FakeCall(request, sink)
    this.calls.push(call)
    queueMicrotask(() => this.#onCall(call))
    return call
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  get last(): FakeCall {
    const call = this.calls.at(-1)
    if (call === undefined) throw new Error('nobody was called')
    return call
  }
}

/** A plan for a provider that speaks OpenAI's chat format. */
export function planOf(origin: string): RelayPlan {
  const resolved = targetOf('openai/m-1')
  return {
    mode: 'relay',
    request: { origin, path: '/v1/chat/completions', headers: {}, body: '{}', firstByteMs: 0, idleMs: 0 },
    protocol: chatSurfaceOf(resolved, 'chat').protocol,
    parse,
    resolved,
    url: `${origin}/v1/chat/completions`,
    hidesUsage: false,
  }
}
