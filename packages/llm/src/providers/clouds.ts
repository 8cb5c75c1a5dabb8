import { requireApiKey } from '../auth/api-key.ts'
import { awsSigV4 } from '../auth/aws-sigv4.ts'
import { bearer } from '../auth/bearer.ts'
import { ibmIam } from '../auth/ibm-iam.ts'
import { jinaRerankProtocol } from '../protocols/jina-rerank/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import type { AuthScheme } from '../types/auth.ts'
import type { JsonObject } from '../types/json.ts'
import type { Target, UrlParts } from '../types/provider.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

const chat = { protocol: openaiChatProtocol }
const embeddings = { protocol: openaiEmbeddingsProtocol }
const region = {
  option: 'aws_region_name',
  env: ['AWS_REGION_NAME', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
  fallback: 'us-east-1',
}

/** OpenAI's wires on Bedrock's newer endpoint. */
export const bedrockMantle: Provider = defineProvider({
  id: 'bedrock_mantle',
  name: 'Amazon Bedrock Mantle',
  baseUrl: 'https://bedrock-mantle.{aws_region_name}.api.aws/v1',
  addressParts: { aws_region_name: region },
  auth: awsSigV4({ service: 'bedrock-mantle', bearerKeyVariable: 'AWS_BEARER_TOKEN_BEDROCK' }),
  keyOptional: true,
  speaks: { chat, responses: { protocol: openaiResponsesProtocol } },
})

/** Containers behind SageMaker that speak chat completions. */
export const sagemakerChat: Provider = defineProvider({
  id: 'sagemaker_chat',
  name: 'Amazon SageMaker',
  baseUrl: 'https://runtime.sagemaker.{aws_region_name}.amazonaws.com',
  addressParts: { aws_region_name: region },
  keyOptional: true,
  auth: awsSigV4({ service: 'sagemaker' }),
  quirks: { answers: 'deviant' },
  speaks: {
    chat: {
      protocol: openaiChatProtocol,
      url: ({ base, model, stream }) =>
        `${base}/endpoints/${encodeURIComponent(model)}/invocations${stream ? '-response-stream' : ''}`,
    },
  },
})

export const databricks: Provider = defineProvider({
  id: 'databricks',
  name: 'Databricks Model Serving',
  baseUrlEnv: ['DATABRICKS_API_BASE'],
  keyEnv: ['DATABRICKS_API_KEY', 'DATABRICKS_TOKEN'],
  auth: bearer(),
  quirks: { answers: 'deviant', reasoningRequest: 'anthropic-thinking' },
  speaks: { chat, embeddings },
})

/** The kind of token is named beside it; LiteLLM's callers mark a programmatic access token by `pat/`. */
const snowflakeToken: AuthScheme = {
  id: 'snowflake-token',
  authorize(_, credentials): Record<string, string> {
    const key = requireApiKey(credentials)
    const programmatic = key.startsWith('pat/')
    return {
      authorization: `Bearer ${programmatic ? key.slice('pat/'.length) : key}`,
      'x-snowflake-authorization-token-type': programmatic ? 'PROGRAMMATIC_ACCESS_TOKEN' : 'KEYPAIR_JWT',
    }
  },
}

export const snowflake: Provider = defineProvider({
  id: 'snowflake',
  name: 'Snowflake Cortex',
  baseUrl: 'https://{snowflake_account}.snowflakecomputing.com/api/v2/cortex/v1',
  baseUrlEnv: ['SNOWFLAKE_API_BASE'],
  addressParts: { snowflake_account: { option: 'account_id', env: ['SNOWFLAKE_ACCOUNT_ID'] } },
  keyEnv: ['SNOWFLAKE_JWT', 'SNOWFLAKE_API_KEY'],
  auth: snowflakeToken,
  quirks: { answers: 'deviant' },
  speaks: { chat, embeddings },
})

export const cloudflare: Provider = defineProvider({
  id: 'cloudflare',
  name: 'Cloudflare Workers AI',
  baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1',
  addressParts: { account_id: { option: 'account_id', env: ['CLOUDFLARE_ACCOUNT_ID'] } },
  keyEnv: ['CLOUDFLARE_API_KEY'],
  auth: bearer(),
  speaks: { chat, embeddings },
})

export const datarobot: Provider = defineProvider({
  id: 'datarobot',
  name: 'DataRobot',
  baseUrl: 'https://app.datarobot.com',
  baseUrlEnv: ['DATAROBOT_ENDPOINT'],
  keyEnv: ['DATAROBOT_API_TOKEN'],
  auth: bearer(),
  speaks: {
    chat: {
      protocol: openaiChatProtocol,
      url: ({ base, path }) =>
        /\/api\/v2\//.test(base) ? `${base}${path}` : `${base}/api/v2/genai/llmgw${path}`,
    },
  },
})

/** Only embeddings and rerank; no chat. */
export const infinity: Provider = defineProvider({
  id: 'infinity',
  name: 'Infinity',
  baseUrl: 'http://localhost:7997',
  baseUrlEnv: ['INFINITY_API_BASE'],
  keyEnv: ['INFINITY_API_KEY'],
  keyOptional: true,
  auth: bearer(),
  speaks: { embeddings, rerank: { protocol: jinaRerankProtocol } },
})

const WATSONX_VERSION = '2024-03-13'

/** IBM watsonx: chat completions under another path, with the model and the project in the body. */
export const watsonx: Provider = defineProvider({
  id: 'watsonx',
  name: 'IBM watsonx',
  baseUrl: 'https://{region_name}.ml.cloud.ibm.com',
  baseUrlEnv: ['WATSONX_URL', 'WATSONX_API_BASE', 'WX_URL', 'WML_URL'],
  addressParts: {
    region_name: { option: 'region_name', env: ['WATSONX_REGION', 'WX_REGION'], fallback: 'us-south' },
  },
  keyEnv: ['WATSONX_APIKEY', 'WATSONX_API_KEY', 'WX_API_KEY'],
  auth: ibmIam(),
  optionEnv: {
    project_id: ['WATSONX_PROJECT_ID', 'WX_PROJECT_ID'],
    space_id: ['WATSONX_DEPLOYMENT_SPACE_ID', 'WATSONX_SPACE_ID', 'WX_SPACE_ID'],
  },
  aliases: ['watsonx_text'],
  quirks: { answers: 'deviant' },
  speaks: {
    chat: { protocol: openaiChatProtocol, url: watsonxUrl, body: watsonxBody },
  },
})

function watsonxUrl({ base, model, stream, target }: UrlParts): string {
  const version = encodeURIComponent(target.apiVersion ?? WATSONX_VERSION)
  const action = `chat${stream ? '_stream' : ''}?version=${version}`
  const deployment = /^deployment\/(.+)$/.exec(model)?.[1]
  return deployment === undefined
    ? `${base}/ml/v1/text/${action}`
    : `${base}/ml/v1/deployments/${encodeURIComponent(deployment)}/text/${action}`
}

function watsonxBody(
  { model, stream: _stream, stream_options: _options, tool_choice: choice, ...body }: JsonObject,
  target: Target,
): JsonObject {
  const place: JsonObject = {}
  if (!target.model.startsWith('deployment/')) {
    place.model_id = model
    const space = target.options?.space_id
    if (space === undefined) place.project_id = target.options?.project_id
    else place.space_id = space
  }
  if (choice === undefined) return { ...body, ...place }
  return {
    ...body,
    ...place,
    ...(typeof choice === 'string' ? { tool_choice_option: choice } : { tool_choice: choice }),
  }
}
