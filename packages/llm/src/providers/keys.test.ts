import { expect, test } from 'vitest'
import type { AuthContext } from '../types/auth.ts'
import { azureAi } from './azure-ai.ts'
import { gemini } from './gemini.ts'
import type { Provider } from './provider.ts'
import { providers } from './index.ts'

const context: AuthContext = {
  transport: () => Promise.reject(new Error('nobody is asked')),
  nowMs: () => 0,
  env: () => undefined,
}

async function signatureOf(provider: Provider, url: string, apiKey: string): Promise<Record<string, string>> {
  return provider.auth.authorize(
    { method: 'POST', url, headers: {}, body: '' },
    { apiKey, options: {} },
    context,
  )
}

test.each<[Provider, string, string, Record<string, string>]>([
  [azureAi, 'https://r.services.ai.azure.com/models/chat/completions', 'k', { 'api-key': 'k' }],
  [azureAi, 'https://r.services.ai.azure.com/anthropic/v1/messages', 'k', { 'api-key': 'k' }],
  [azureAi, 'https://e.eastus.models.ai.azure.com/chat/completions', 'k', { authorization: 'Bearer k' }],
  [azureAi, 'https://gateway.example/chat/completions', 'k', { authorization: 'Bearer k' }],
  [gemini, 'https://h/v1beta/models/m:generateContent', 'k', { 'x-goog-api-key': 'k' }],
  [gemini, 'https://h/v1beta/openai/chat/completions', 'k', { authorization: 'Bearer k' }],
])('the key of $id at %s', async (provider, url, key, wanted) => {
  expect(await signatureOf(provider, url, key)).toEqual(wanted)
})

test.each([
  ['jwt', { authorization: 'Bearer jwt', 'x-snowflake-authorization-token-type': 'KEYPAIR_JWT' }],
  [
    'pat/tok',
    { authorization: 'Bearer tok', 'x-snowflake-authorization-token-type': 'PROGRAMMATIC_ACCESS_TOKEN' },
  ],
])('Snowflake names the kind of %s', async (key, wanted) => {
  const snowflake = providers.get('snowflake')
  if (snowflake === undefined) throw new Error('snowflake is not declared')
  expect(await signatureOf(snowflake, 'https://h/', key)).toEqual(wanted)
})
