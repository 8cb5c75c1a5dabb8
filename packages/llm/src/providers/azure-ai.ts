import { azureEntra } from '../auth/azure-entra.ts'
import { anthropicProtocol } from '../protocols/anthropic-messages/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import type { UrlParts } from '../types/provider.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

const DEFAULT_API_VERSION = '2024-05-01-preview'

/** Azure AI Foundry: many vendors' models behind one address; Claude speaks Anthropic's wire there. */
export const azureAi: Provider = defineProvider({
  id: 'azure_ai',
  name: 'Azure AI Foundry',
  baseUrl: 'https://{azure_ai_resource}.services.ai.azure.com',
  baseUrlEnv: ['AZURE_AI_API_BASE'],
  placeholders: { azure_ai_resource: { env: ['AZURE_AI_RESOURCE_NAME'] } },
  keyEnv: ['AZURE_AI_API_KEY'],
  auth: azureEntra(),
  hosts: ['models.ai.azure.com', 'services.ai.azure.com'],
  speaks: {
    chat: (target) =>
      /^claude/i.test(target.model)
        ? { protocol: anthropicProtocol, url: claudeUrl }
        : { protocol: openaiChatProtocol, url: modelsUrl },
    embeddings: { protocol: openaiEmbeddingsProtocol, url: modelsUrl },
  },
})

/** Foundry resources serve models under `/models` with a version; serverless endpoints and others as they are. */
function modelsUrl(parts: UrlParts): string {
  const { base, path, target } = parts
  const foundry = /\.services\.ai\.azure\.com$/.test(base)
  if (foundry) return `${base}/models${path}?api-version=${encodeURIComponent(target.apiVersion ?? DEFAULT_API_VERSION)}`
  return target.apiVersion === undefined
    ? `${base}${path}`
    : `${base}${path}?api-version=${encodeURIComponent(target.apiVersion)}`
}

function claudeUrl({ base, path }: UrlParts): string {
  return base.endsWith('/anthropic') ? `${base}${path}` : `${base}/anthropic${path}`
}
