// #region start
import { readFile } from 'node:fs/promises'
import { createServices, demoModel, loadConfig, renderFindings, startGateway } from '@switchyard/server'

const env: Record<string, string> = {
  OPENAI_API_KEY: 'sk-openai',
  AZURE_API_KEY: 'azure-key',
  ANTHROPIC_API_KEY: 'sk-anthropic',
  GROQ_API_KEY: 'gsk-groq',
  SWITCHYARD_MASTER_KEY: 'sk-master',
}
const loaded = await loadConfig({
  path: new URL('config.yaml', import.meta.url).pathname,
  readFile: (path) => readFile(path, 'utf8'),
  env,
})
if (!loaded.ok) throw new Error(renderFindings(loaded.findings))
const services = createServices({
  config: loaded.config,
  version: '1.0.0',
  env: (name) => env[name],
  localModels: [demoModel],
})
const gateway = await startGateway(services, { host: '127.0.0.1', port: 0 })
// #endregion

const response = await fetch(`${gateway.url}/v1/chat/completions`, {
  method: 'POST',
  headers: { authorization: 'Bearer sk-master', 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'canned', messages: [{ role: 'user', content: 'Hello' }] }),
})
console.log(response.status, await response.text())
if (!response.ok) process.exitCode = 1

await gateway.close(0)
