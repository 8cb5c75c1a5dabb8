import { requireApiKey } from '../auth/api-key.ts'
import { anthropicCounting, anthropicProtocol } from '../protocols/anthropic-messages/index.ts'
import type { AuthScheme } from '../types/auth.ts'
import type { UrlParts } from '../types/provider.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

const TOKEN_ENV = 'ANTHROPIC_AUTH_TOKEN'

/** A key goes into `x-api-key`; a token, which is the key when only its variable is set, is a bearer's. */
const anthropicKey: AuthScheme = {
  id: 'anthropic-key',
  authorize(_, credentials, context): Record<string, string> {
    const key = requireApiKey(credentials)
    return key === context.env(TOKEN_ENV)?.trim() ? { authorization: `Bearer ${key}` } : { 'x-api-key': key }
  },
}

/** How Claude models differ, on whatever cloud they are served; the model's name may stand behind a vendor's. */
export const claudeQuirks: NonNullable<Provider['modelQuirks']> = [
  {
    // Opus 4.1, and all of the 4.5 generation and later.
    match: /claude-(mythos|opus-4-1(?!\d)|[a-z]+-(4-[5-9](?!\d)|4-[1-9]\d(?!\d)|[5-9](?!\d)))/,
    quirks: { jsonSchema: 'native', temperatureOrTopP: true },
  },
  {
    match: /claude-(mythos|[a-z]+-(4-[6-9](?!\d)|4-[1-9]\d(?!\d)|[5-9](?!\d)))/,
    quirks: { thinkingMode: 'adaptive' },
  },
  {
    // These refuse sampling settings and token budgets.
    match: /claude-(mythos|[a-z]+-(4-[7-9](?!\d)|4-[1-9]\d(?!\d)|[5-9](?!\d)))/,
    quirks: { thinkingMode: 'adaptive-only', unsupported: ['temperature', 'top_p', 'top_k'] },
  },
]

/** The address keeps whatever path it has; what it already holds of the wire's own path is not repeated. */
export function messagesUrl({ base, path }: Pick<UrlParts, 'base' | 'path'>): string {
  const known = ['/v1/messages', '/v1'].find((start) => base.endsWith(start) && path.startsWith(start))
  return base + path.slice(known?.length ?? 0)
}

const messages = { protocol: anthropicProtocol, url: messagesUrl }

export const anthropic: Provider = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  baseUrlEnv: ['ANTHROPIC_API_BASE', 'ANTHROPIC_BASE_URL'],
  keyEnv: ['ANTHROPIC_API_KEY', TOKEN_ENV],
  auth: anthropicKey,
  hosts: ['api.anthropic.com'],
  speaks: { chat: messages, messages, counting: { protocol: anthropicCounting, url: messagesUrl } },
  modelQuirks: claudeQuirks,
})
