import { azureEntra } from '../auth/azure-entra.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiCompletionsProtocol } from '../protocols/openai-completions/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { openaiTranscriptionProtocol } from '../protocols/openai-transcription/index.ts'
import type { UrlParts } from '../types/provider.ts'
import { openaiModelQuirks } from './openai.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/** LiteLLM's default; dated versions belong to the classic paths. */
const DEFAULT_API_VERSION = '2025-02-01-preview'

/** Azure OpenAI: the deployment stands in the path, the key in `api-key`, or an Entra token instead. */
export const azure: Provider = defineProvider({
  id: 'azure',
  name: 'Azure OpenAI',
  baseUrl: 'https://{azure_resource}.openai.azure.com',
  baseUrlEnv: ['AZURE_API_BASE', 'AZURE_OPENAI_ENDPOINT'],
  addressParts: { azure_resource: { env: ['AZURE_RESOURCE_NAME'] } },
  keyEnv: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
  auth: azureEntra(),
  aliases: ['azure_text'],
  wireModel: (target) => target.model.replace(/^(responses|o_series|gpt5_series)\//, ''),
  speaks: {
    chat: (target) =>
      target.model.startsWith('responses/')
        ? { protocol: openaiResponsesProtocol, url: rootUrl }
        : { protocol: openaiChatProtocol, url: deploymentUrl },
    completions: { protocol: openaiCompletionsProtocol, url: deploymentUrl },
    responses: { protocol: openaiResponsesProtocol, url: rootUrl },
    embeddings: { protocol: openaiEmbeddingsProtocol, url: deploymentUrl },
    transcription: { protocol: openaiTranscriptionProtocol, url: deploymentUrl },
  },
  modelQuirks: openaiModelQuirks,
})

/** `v1`, `preview` and `latest` mean the newer surface, which takes no dated version and finds the model in the body. */
function isV1({ target }: UrlParts): boolean {
  return target.apiVersion === 'v1' || target.apiVersion === 'preview' || target.apiVersion === 'latest'
}

function versionOf({ target }: UrlParts): string {
  return encodeURIComponent(target.apiVersion ?? DEFAULT_API_VERSION)
}

/** An address may be given as the bare resource, with `/openai`, or as the whole deployment. */
function deploymentUrl(parts: UrlParts): string {
  const base = parts.base.replace(/\/openai$/, '')
  if (parts.base.endsWith('/openai/v1')) return `${parts.base}${parts.path}`
  if (isV1(parts)) return `${base}/openai/v1${parts.path}`
  if (/\/openai\/deployments\/[^/]+$/.test(parts.base))
    return `${parts.base}${parts.path}?api-version=${versionOf(parts)}`
  return `${base}/openai/deployments/${encodeURIComponent(parts.model)}${parts.path}?api-version=${versionOf(parts)}`
}

function rootUrl(parts: UrlParts): string {
  const base = parts.base.replace(/\/openai$/, '')
  if (parts.base.endsWith('/openai/v1')) return `${parts.base}${parts.path}`
  if (isV1(parts)) return `${base}/openai/v1${parts.path}`
  return `${base}/openai${parts.path}?api-version=${versionOf(parts)}`
}
