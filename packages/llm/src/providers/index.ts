import { anthropic } from './anthropic.ts'
import { azureAi } from './azure-ai.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import {
  bedrockMantle,
  cloudflare,
  databricks,
  datarobot,
  infinity,
  sagemakerChat,
  snowflake,
  watsonx,
} from './clouds.ts'
import { cohere } from './cohere.ts'
import { compatibleProviders } from './compatible.ts'
import { deepgram } from './deepgram.ts'
import { elevenlabs } from './elevenlabs.ts'
import { gemini } from './gemini.ts'
import { huggingface } from './huggingface.ts'
import { ollama } from './ollama.ts'
import { openai, textCompletionOpenai } from './openai.ts'
import { ownServers } from './own-servers.ts'
import type { Provider } from './provider.ts'
import { createRegistry } from './registry.ts'
import type { ProviderRegistry } from './registry.ts'
import { vertexAi } from './vertex-ai.ts'
import { voyage } from './voyage.ts'

/** Every service we know, in no order that matters. */
const builtinProviders: readonly Provider[] = [
  openai,
  textCompletionOpenai,
  azure,
  azureAi,
  anthropic,
  gemini,
  vertexAi,
  bedrock,
  bedrockMantle,
  sagemakerChat,
  cohere,
  ollama,
  voyage,
  deepgram,
  elevenlabs,
  watsonx,
  databricks,
  snowflake,
  cloudflare,
  datarobot,
  infinity,
  huggingface,
  ...compatibleProviders,
  ...ownServers,
]

/** The registry that calls use unless they bring their own. */
export const providers: ProviderRegistry = createRegistry(builtinProviders)
