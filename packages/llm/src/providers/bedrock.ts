import { awsSigV4 } from '../auth/aws-sigv4.ts'
import { bedrockConverseProtocol } from '../protocols/bedrock-converse/index.ts'
import {
  bedrockCohereEmbeddingsProtocol,
  bedrockNovaEmbeddingsProtocol,
  bedrockTitanEmbeddingsProtocol,
  bedrockTitanImageEmbeddingsProtocol,
} from '../protocols/bedrock-embeddings/index.ts'
import { bedrockInvokeProtocol } from '../protocols/bedrock-invoke/index.ts'
import { bedrockRerankProtocol, withModelArn } from '../protocols/bedrock-rerank/index.ts'
import type { EmbeddingProtocol } from '../protocols/protocol.ts'
import type { JsonObject } from '../types/json.ts'
import type { Target, UrlParts } from '../types/provider.ts'
import { claudeQuirks } from './anthropic.ts'
import { parseBedrockModel } from './bedrock-model.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

const DEFAULT_REGION = 'us-east-1'
const CLAUDE = /anthropic[./]|claude/

/**
 * Amazon Bedrock. Everything goes through Converse; `invoke/` is Anthropic's own wire for Claude and means Converse for
 * the others. The key is a Bedrock API key (`AWS_BEARER_TOKEN_BEDROCK`); without one, calls are signed.
 */
export const bedrock: Provider = defineProvider({
  id: 'bedrock',
  name: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{aws_region_name}.amazonaws.com',
  baseUrlEnv: ['AWS_BEDROCK_RUNTIME_ENDPOINT'],
  addressParts: {
    aws_region_name: {
      option: 'aws_region_name',
      env: ['AWS_REGION_NAME', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
      fallback: DEFAULT_REGION,
    },
  },
  auth: awsSigV4({ service: 'bedrock', bearerKeyVariable: 'AWS_BEARER_TOKEN_BEDROCK' }),
  keyOptional: true,
  aliases: ['bedrock_converse'],
  wireModel: ({ model }) => parseBedrockModel(model).model,
  speaks: {
    chat: ({ model }) => {
      const invoked = parseBedrockModel(model).route === 'invoke' && CLAUDE.test(model)
      return { protocol: invoked ? bedrockInvokeProtocol : bedrockConverseProtocol, url: bedrockUrl }
    },
    embeddings: ({ model }) => ({ protocol: embeddingProtocolOf(model), url: bedrockUrl }),
    rerank: { protocol: bedrockRerankProtocol, url: agentsUrl, body: rerankBody },
  },
  modelQuirks: [
    { match: CLAUDE, quirks: { modelFamily: 'anthropic' } },
    ...claudeQuirks,
    // Bedrock has structured output from the 4.5 generation on.
    { match: /claude-opus-4-1/, quirks: { jsonSchema: undefined } },
    { match: /amazon\.nova|(?:^|\/)nova\//, quirks: { modelFamily: 'nova' } },
    { match: /nova-2/, quirks: { modelFamily: 'nova-2' } },
    { match: /openai[./]gpt-oss|(?:^|\/)openai\//, quirks: { modelFamily: 'openai' } },
    { match: /qwen/, quirks: { modelFamily: 'qwen' } },
    { match: /cohere\./, quirks: { modelFamily: 'cohere' } },
    {
      match:
        /gpt-oss|qwen3|kimi-k2|minimax-m2|mistral-large-3|ministral|magistral|gemma-3|nemotron|deepseek\.v3/,
      quirks: { jsonSchema: 'native' },
    },
    { match: /deepseek.*r1|titan-text/, quirks: { jsonSchema: 'json-object' } },
  ],
})

/** The region of the call's own settings goes first, then the one in the model string, then the environment's. */
function bedrockUrl({ base, custom, path, target }: UrlParts): string {
  const endpoint = target.options?.['aws_bedrock_runtime_endpoint']
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}${path}`
  if (custom) return base.endsWith(path) ? base : `${base}${path}`
  const { region } = parseBedrockModel(target.model)
  if (region === undefined || target.options?.['aws_region_name'] !== undefined) return `${base}${path}`
  return `https://bedrock-runtime.${region}.amazonaws.com${path}`
}

/** Rerank is served by the runtime of agents. */
function agentsUrl(parts: UrlParts): string {
  return bedrockUrl(parts).replace('//bedrock-runtime.', '//bedrock-agent-runtime.')
}

/** An address of one's own may not show the region. */
function rerankBody(body: JsonObject, { model, options }: Target, url: string): JsonObject {
  const shown = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/.exec(url)?.[1]
  const region = shown ?? options?.['aws_region_name'] ?? parseBedrockModel(model).region ?? DEFAULT_REGION
  return withModelArn(body, region)
}

function embeddingProtocolOf(model: string): EmbeddingProtocol {
  if (/cohere\./.test(model)) return bedrockCohereEmbeddingsProtocol
  if (/nova/.test(model)) return bedrockNovaEmbeddingsProtocol
  return /titan-embed-(?:image|g1-image)|titan-multimodal/.test(model)
    ? bedrockTitanImageEmbeddingsProtocol
    : bedrockTitanEmbeddingsProtocol
}
