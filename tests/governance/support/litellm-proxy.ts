import OpenAI from 'openai'
import { afterAll, beforeAll, describe, vi } from 'vitest'
import { testDatabases } from '../../../packages/server/src/store/testing/databases.ts'
import { entryAt } from '../../clients/support/models.ts'
import type { ModelEntry } from '../../clients/support/models.ts'
import type { Json } from './admin.ts'
import { startGovernedGateway } from './governed-gateway.ts'
import type { GovernedGateway } from './governed-gateway.ts'

/** An answer, whatever came of the request. */
export interface Told {
  status: number
  headers: Headers
  body: Json
}

/** What scripts that were written for LiteLLM do with a proxy. */
export interface Proxy {
  /** Sends JSON; GET without a body, else POST; with the master key unless another is given. */
  call: (path: string, body?: object, key?: string, method?: string) => Promise<Told>
  /** The body of an answer that has to be 200. */
  ask: (path: string, body?: object, key?: string, method?: string) => Promise<Json>
  newKey: (fields?: object) => Promise<string>
  newTeam: (fields?: object) => Promise<string>
  newUser: (fields?: object) => Promise<string>
  newOrganization: (fields?: object) => Promise<string>
  /** One message to a model. */
  chat: (key: string, model: string, more?: object) => Promise<Told>
  openai: (key: string) => OpenAI
}

/** What `house` asks for an answer to `chat`: 1 token in at 7.5 USD and 3 out at 10 USD a million. */
export const ANSWER_USD = 0.0000375

const settings = { budget_enforcement: 'postpaid' }

/**
 * A suite against a gateway that listens, once for each database. `postpaid`: as in LiteLLM the request that crosses
 * a budget is answered, and the next one refused.
 */
export function describeProxy(
  name: string,
  suite: (proxy: Proxy, gateway: () => GovernedGateway) => void,
  general: object = {},
): void {
  describe.each(testDatabases)(`${name} in $dialect`, ({ dialect, place }) => {
    let started: GovernedGateway | undefined
    const gateway = (): GovernedGateway => {
      if (started === undefined) throw new Error('the gateway has not started')
      return started
    }
    beforeAll(async () => {
      started = await startGovernedGateway({
        models: modelsAt,
        sections: { general_settings: { ...settings, ...general } },
        ...(dialect === 'postgres' ? { databaseUrl: (await place()).url } : {}),
      })
    })
    afterAll(async () => await started?.close())
    suite(createProxy(gateway), gateway)
  })
}

/** A value inside of an answer. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((inner, name) => (inner as Json | undefined)?.[name], value)
}

/** Waits for what the ledger tells a moment later. */
export async function soon<T>(check: () => Promise<T>): Promise<T> {
  return await vi.waitFor(check, { timeout: 10_000, interval: 30 })
}

function modelsAt(providerUrl: string): ModelEntry[] {
  const rates = { input_cost_per_token: 0.0000075, output_cost_per_token: 0.00001 }
  return [
    entryAt(providerUrl, 'house', 'openai/house-model', rates),
    entryAt(providerUrl, 'other', 'openai/other-model', rates),
    { ...entryAt(providerUrl, 'grouped', 'openai/grouped', rates), model_info: { access_groups: ['beta'] } },
    entryAt(providerUrl, 'eu', 'openai/eu', { ...rates, region_name: 'eu' }),
    // Called as a dearer model is.
    entryAt(providerUrl, 'gpt-4', 'openai/gpt-4o-mini'),
    entryAt(providerUrl, 'openai/*', 'openai/*'),
    entryAt(providerUrl, 'anthropic/*', 'anthropic/*'),
  ]
}

function createProxy(gateway: () => GovernedGateway): Proxy {
  const call: Proxy['call'] = async (path, body, key = gateway().key, method) => {
    const response = await fetch(`${gateway().url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json }
  }
  const ask: Proxy['ask'] = async (path, body, key, method) => {
    const { status, body: told } = await call(path, body, key, method)
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(told)}`)
    return told
  }
  const made = async (path: string, body: object, field: string): Promise<string> =>
    String((await ask(path, body))[field])
  return {
    call,
    ask,
    newKey: (fields = {}) => made('/key/generate', fields, 'key'),
    newTeam: (fields = {}) => made('/team/new', fields, 'team_id'),
    newUser: (fields = {}) => made('/user/new', fields, 'user_id'),
    newOrganization: (fields = {}) =>
      made('/organization/new', { organization_alias: 'org', ...fields }, 'organization_id'),
    chat: (key, model, more = {}) =>
      call('/chat/completions', { model, messages: [{ role: 'user', content: 'Hello!' }], ...more }, key),
    openai: (key) => new OpenAI({ apiKey: key, baseURL: `${gateway().url}/v1`, maxRetries: 0 }),
  }
}
