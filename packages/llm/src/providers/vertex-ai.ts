import { googleServiceAccount } from '../auth/google-service-account.ts'
import { anthropicProtocol } from '../protocols/anthropic-messages/index.ts'
import { geminiEmbeddingsProtocol } from '../protocols/gemini-embeddings/index.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import { modelPath } from '../protocols/gemini/path.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import {
  vertexEmbeddingsProtocol,
  vertexMultimodalEmbeddingsProtocol,
  vertexSingleEmbeddingsProtocol,
} from '../protocols/vertex-embeddings/index.ts'
import { vertexRerankProtocol } from '../protocols/vertex-rerank/index.ts'
import type { ChatProtocol, EmbeddingProtocol } from '../protocols/protocol.ts'
import type { JsonObject } from '../types/json.ts'
import type { Target, UrlParts } from '../types/provider.ts'
import { claudeQuirks } from './anthropic.ts'
import { geminiModelQuirks } from './gemini.ts'
import type { Provider, Surface } from './provider.ts'
import { defineProvider } from './provider.ts'

const CLAUDE = /^(anthropic\/)?claude/
const MISTRAL = /^(mistralai\/)?(mistral|codestral|ministral)/
const AI21 = /^(ai21\/)?jamba/
/** Open models that Vertex serves itself (`meta/llama-…-maas`), behind an address in OpenAI's form. */
const OPEN = /-maas$|^(meta|deepseek-ai|qwen|openai|minimaxai|moonshotai|zai-org|xai)\//

/** Google's models, and those of other publishers in the wires these publishers speak. */
export const vertexAi: Provider = defineProvider({
  id: 'vertex_ai',
  name: 'Google Vertex AI',
  baseUrl:
    'https://{vertex_location}-aiplatform.googleapis.com/v1/projects/{vertex_project}/locations/{vertex_location}/publishers/google',
  addressParts: {
    vertex_project: { option: 'vertex_project', env: ['VERTEXAI_PROJECT', 'GOOGLE_CLOUD_PROJECT'] },
    vertex_location: {
      option: 'vertex_location',
      env: ['VERTEXAI_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
      fallback: 'us-central1',
    },
  },
  auth: googleServiceAccount(),
  keyOptional: true,
  aliases: ['vertex_ai_beta'],
  hosts: ['aiplatform.googleapis.com'],
  wireModel: ({ model }) => model.replace(/^(google|gemini|anthropic|mistralai|ai21)\//, ''),
  speaks: {
    chat: chatSurface,
    embeddings: ({ model }) => ({ protocol: embeddingProtocol(model), url: googleUrl }),
    rerank: { protocol: vertexRerankProtocol, url: rankingUrl },
  },
  modelQuirks: [
    ...geminiModelQuirks,
    ...claudeQuirks,
    // Service tiers are headers here, not a field.
    { match: /gemini/, quirks: { unsupported: ['service_tier'] } },
    {
      match: MISTRAL,
      quirks: {
        toolChoiceRequired: 'any',
        seedField: 'random_seed',
        streamUsage: 'unasked',
        shortToolCallIds: true,
      },
    },
  ],
})

function chatSurface({ model }: Target): Surface<ChatProtocol> {
  if (CLAUDE.test(model))
    return { protocol: anthropicProtocol, url: publisherUrl('anthropic'), body: claudeBody }
  if (OPEN.test(model)) return { protocol: openaiChatProtocol, url: openUrl }
  if (MISTRAL.test(model)) return { protocol: openaiChatProtocol, url: publisherUrl('mistralai') }
  if (AI21.test(model)) return { protocol: openaiChatProtocol, url: publisherUrl('ai21') }
  return { protocol: geminiProtocol, url: googleUrl }
}

/** The wire names the version of Claude's API in the body, and the model in the address. */
function claudeBody({ model: _model, ...body }: JsonObject): JsonObject {
  return { anthropic_version: 'vertex-2023-10-16', ...body }
}

function embeddingProtocol(model: string): EmbeddingProtocol {
  if (model.startsWith('multimodalembedding')) return vertexMultimodalEmbeddingsProtocol
  if (/^gemini-embedding-[2-9]/.test(model)) return geminiEmbeddingsProtocol
  return model.startsWith('gemini-embedding') ? vertexSingleEmbeddingsProtocol : vertexEmbeddingsProtocol
}

/** Models have names; models that the project tuned and deployed are endpoints with numbers. */
function googleUrl(parts: UrlParts): string {
  const base = baseOf(parts)
  const endpoint = /^\/models\/(\d+)(:.*)$/.exec(parts.path)
  if (endpoint === null) return `${base}${parts.path}`
  return `${base.replace(/\/publishers\/google$/, '')}/endpoints/${endpoint[1]}${endpoint[2]}`
}

/** Ranking is a service of its own; its one configuration is global. */
function rankingUrl({ base, custom, path }: UrlParts): string {
  if (custom) return `${base}${path}`
  const project = /\/projects\/([^/]+)\//.exec(base)?.[1] ?? ''
  return `https://discoveryengine.googleapis.com/v1/projects/${project}/locations/global${path}`
}

/** Other publishers get their own wire's body passed through. */
function publisherUrl(publisher: string): (parts: UrlParts) => string {
  return (parts) => {
    const base = baseOf(parts).replace(/\/publishers\/google$/, `/publishers/${publisher}`)
    return `${base}${modelPath(parts.model, parts.stream ? 'streamRawPredict' : 'rawPredict')}`
  }
}

function openUrl(parts: UrlParts): string {
  return `${baseOf(parts).replace(/\/publishers\/google$/, '/endpoints/openapi')}${parts.path}`
}

/** Places that are no single region have hosts of another form. */
function baseOf({ base, custom }: UrlParts): string {
  if (custom) return base
  return base
    .replace('//global-aiplatform.googleapis.com', '//aiplatform.googleapis.com')
    .replace(/\/\/(us|eu)-aiplatform\.googleapis\.com/, '//aiplatform.$1.rep.googleapis.com')
}
