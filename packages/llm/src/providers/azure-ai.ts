import { azureEntra } from '../auth/azure-entra.ts'
import { bearer } from '../auth/bearer.ts'
import { anthropicProtocol } from '../protocols/anthropic-messages/index.ts'
import { cohereV1RerankProtocol } from '../protocols/cohere-rerank/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import type { AuthScheme } from '../types/auth.ts'
import type { UrlParts } from '../types/provider.ts'
import { claudeQuirks, messagesUrl } from './anthropic.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

const DEFAULT_API_VERSION = '2024-05-01-preview'

/** Azure AI Foundry: many vendors' models behind one address; Claude speaks Anthropic's wire there. */
export const azureAi: Provider = defineProvider({
  id: 'azure_ai',
  name: 'Azure AI Foundry',
  baseUrl: 'https://{azure_ai_resource}.services.ai.azure.com',
  baseUrlEnv: ['AZURE_AI_API_BASE'],
  addressParts: { azure_ai_resource: { env: ['AZURE_AI_RESOURCE_NAME'] } },
  keyEnv: ['AZURE_AI_API_KEY'],
  auth: foundryAuth(),
  // Unknown fields are refused without it.
  headers: { 'extra-parameters': 'pass-through' },
  hosts: ['models.ai.azure.com', 'services.ai.azure.com'],
  speaks: {
    chat: (target) =>
      /^claude/i.test(target.model)
        ? { protocol: anthropicProtocol, url: claudeUrl }
        : { protocol: openaiChatProtocol, url: modelsUrl },
    embeddings: { protocol: openaiEmbeddingsProtocol, url: modelsUrl },
    rerank: { protocol: cohereV1RerankProtocol, url: rerankUrl },
  },
  modelQuirks: [
    ...claudeQuirks,
    { match: /grok/, quirks: { answers: 'deviant', reasoningOutsideOutput: true } },
  ],
})

/** Resources take their key in `api-key`; serverless endpoints and others take it as a bearer's. */
function foundryAuth(): AuthScheme {
  const resource = azureEntra()
  const endpoint = bearer()
  return {
    id: 'azure-foundry',
    authorize(request, credentials, context) {
      const host = URL.parse(request.url)?.hostname ?? ''
      const isResource = host.endsWith('.azure.com') && !host.endsWith('.models.ai.azure.com')
      const scheme = isResource || credentials.apiKey === undefined ? resource : endpoint
      return scheme.authorize(request, credentials, context)
    },
  }
}

/** Foundry resources serve models under `/models` with a version; serverless endpoints and others as they are. */
function modelsUrl(parts: UrlParts): string {
  const { base, path, target } = parts
  const foundry = base.endsWith('.services.ai.azure.com')
  if (foundry)
    return `${base}/models${path}?api-version=${encodeURIComponent(target.apiVersion ?? DEFAULT_API_VERSION)}`
  const whole = base.endsWith(path) ? base : `${base}${path}`
  return target.apiVersion === undefined
    ? whole
    : `${whole}?api-version=${encodeURIComponent(target.apiVersion)}`
}

function claudeUrl({ base, path }: UrlParts): string {
  const start = /\/anthropic(\/v1(\/messages)?)?$/.test(base) ? base : `${base}/anthropic`
  return messagesUrl({ base: start, path })
}

/** Cohere's own path, which an address may end with or name in its own version (`…/v2/rerank`). */
function rerankUrl({ base, path }: UrlParts): string {
  return base.endsWith('/rerank') ? base : `${base.replace(/\/v1$/, '')}${path}`
}
