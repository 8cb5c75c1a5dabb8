import { readForm } from './read-form.ts'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { deliver } from './deliver.ts'
import { dialectAt } from './dialects.ts'
import type { Dialect, Speaker } from './dialects.ts'
import { Exchange } from './exchange.ts'
import { planFault } from './fault-plan.ts'
import type { FaultPlan } from './fault-plan.ts'
import { listen, readBody } from './loopback.ts'

export type { Exchange } from './exchange.ts'

export interface FaultProviderOptions {
  /** Appears in every id it issues, so that a test can tell two providers apart. */
  name?: string
  /** Serves TLS with this certificate. */
  tls?: { key: string; cert: string }
}

export interface FaultProvider {
  /** Root address: `<url>/v1` is an OpenAI `api_base`, `<url>` an Anthropic one. */
  url: string
  port: number
  /** Every request so far, in order of arrival. */
  exchanges: Exchange[]
  /** The nth request (from 0), as soon as it has arrived. */
  exchange(number: number): Promise<Exchange>
  /** Faults for the next requests to a model, one each (`ok` for none); afterwards its name decides again. */
  script(model: string, faults: string[]): void
  close(): Promise<void>
}

/**
 * A scripted model provider: OpenAI chat, completions, responses, embeddings, transcriptions and models, Cohere's rerank,
 * and Anthropic messages, answered deterministically. It misbehaves as told by `script()`, by a header `x-fault`, by
 * `?fault=` or by a model called `fault-<name>`; `fault-plan.ts` lists the names, which join with `+`.
 */
export async function startFaultProvider(options: FaultProviderOptions = {}): Promise<FaultProvider> {
  const exchanges: Exchange[] = []
  const scripts = new Map<string, string[]>()
  const waiting = new Map<number, Array<(exchange: Exchange) => void>>()
  const speaker: Speaker = { name: options.name ?? 'scripted', issuedResponses: new Set() }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const form = await readForm(body, request.headers['content-type'])
    const exchange = new Exchange(request, response, body, form)
    const number = exchanges.push(exchange) - 1
    for (const arrived of waiting.get(number) ?? []) arrived(exchange)
    const dialect = dialectAt(exchange.path)
    if (!dialect) return refuse(exchange, response, 404, `nothing is served at ${exchange.path}`)
    const name = faultFor(exchange, scripts)
    try {
      await act(exchange, response, dialect, planFault(name), number)
    } catch (error) {
      refuse(exchange, response, 400, String(error))
    }
  }

  async function act(
    exchange: Exchange,
    response: ServerResponse,
    dialect: Dialect,
    plan: FaultPlan,
    number: number,
  ): Promise<void> {
    if (plan.opening === 'reset') return exchange.cut('reset')
    if (plan.opening === 'hang') await exchange.waitAtGate()
    else if (plan.opening) await exchange.waitAtGate(plan.opening.delayMs)
    if (plan.redirect !== undefined) {
      const location = `http://localhost:${server.port}/redirected${exchange.path}`
      response.writeHead(plan.redirect, { location })
      return exchange.end()
    }
    const answer =
      plan.status !== undefined || plan.body === 'error-with-200'
        ? errorAnswer(dialect, plan)
        : dialect.answer(exchange.json, number, plan, speaker)
    response.setHeader('x-request-id', `req-${speaker.name}-${number}`)
    await deliver(exchange, response, answer, plan)
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that leaves while it sends its request is no request to anyone.
    serve(request, response).catch(() => response.destroy())
  }
  const server = options.tls
    ? await listen(createTlsServer(options.tls, listener), 'https')
    : await listen(createServer(listener))

  return {
    url: server.url,
    port: server.port,
    exchanges,
    exchange(number) {
      const arrived = exchanges[number]
      if (arrived) return Promise.resolve(arrived)
      return new Promise((resolve) => waiting.set(number, [...(waiting.get(number) ?? []), resolve]))
    },
    script: (model, faults) => void scripts.set(model, [...faults]),
    close: server.close,
  }
}

function faultFor(exchange: Exchange, scripts: Map<string, string[]>): string {
  if (exchange.path.startsWith('/redirected')) return 'ok'
  const scripted = scripts.get(exchange.model)?.shift()
  if (scripted !== undefined) return scripted.replace(/^fault-/, '')
  const header = exchange.headers['x-fault']
  if (typeof header === 'string') return header
  const query = new URLSearchParams(exchange.path.split('?')[1]).get('fault')
  if (query !== null) return query
  return /(?:^|\/)fault-([^/]+)$/.exec(exchange.model)?.[1] ?? 'ok'
}

function errorAnswer(dialect: Dialect, plan: FaultPlan): { status: number; json: Record<string, unknown> } {
  const status = plan.status ?? 500
  const json = dialect.error(status, `The scripted provider answers ${status}.`)
  return { status: plan.body === 'error-with-200' ? 200 : status, json }
}

function refuse(exchange: Exchange, response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  exchange.end(Buffer.from(JSON.stringify({ error: { message, type: 'invalid_request_error' } })))
}
