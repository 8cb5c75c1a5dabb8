import { createClient, bearer, defineProvider, openaiChatProtocol, providers } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region provider
const acme = defineProvider({
  id: 'acme',
  name: 'Acme AI',
  baseUrl: 'https://api.acme.example/v1',
  baseUrlEnv: ['ACME_API_BASE'],
  keyEnv: ['ACME_API_KEY'],
  auth: bearer(),
  speaks: { chat: { protocol: openaiChatProtocol } },
  quirks: { maxTokensField: 'max_tokens', unsupported: ['logit_bias'] },
})
// #endregion

const env = { ACME_API_BASE: `${demo.url}/v1`, ACME_API_KEY: demo.key }

// #region client
const client = createClient({
  registry: providers.with(acme),
  env: (name) => (name in env ? env[name as keyof typeof env] : process.env[name]),
})
const answer = await client.completion({
  model: 'acme/demo',
  messages: [{ role: 'user', content: 'Hello' }],
})
console.log(answer.choices[0]?.message.content)
// #endregion

await demo.close()
