import { readFile } from 'node:fs/promises'
import { createServices, demoModel, loadConfig, renderFindings, startGateway } from '@switchyard/server'

const env: Record<string, string> = { SWITCHYARD_MASTER_KEY: 'sk-master' }
const loaded = await loadConfig({
  path: new URL('keys-and-auth.yaml', import.meta.url).pathname,
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
const { url, close } = await startGateway(services, { host: '127.0.0.1', port: 0 })

// #region ask
async function ask(model: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.body?.cancel()
  return `${response.status} ${response.headers.get('x-gateway-error') ?? 'ok'}`
}

console.log(await ask('large', { authorization: 'Bearer sk-master' })) // 200 ok
console.log(await ask('small', { 'x-badge': 'badge-7' })) // 200 ok
console.log(await ask('large', { 'x-badge': 'badge-7' })) // 403 key_model_access_denied
console.log(await ask('small', { 'x-badge': 'badge-9' })) // 401 invalid_api_key
console.log(await ask('small', {})) // 401 missing_api_key
// #endregion

const outcomes = [await ask('small', { 'x-badge': 'badge-7' }), await ask('large', { 'x-badge': 'badge-7' })]
if (outcomes.join() !== '200 ok,403 key_model_access_denied') process.exitCode = 1
await close(0)
