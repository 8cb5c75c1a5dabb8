import { startDemo } from './support/demo.ts'

const { url, key, close } = await startDemo()

// #region ask
const response = await fetch(`${url}/v1/chat/completions`, {
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello' }] }),
})
console.log(response.status, response.headers.get('x-litellm-call-id'))
console.log(response.headers.get('x-litellm-response-cost'), 'USD')
// #endregion
await response.body?.cancel()

// #region refused
const refused = await fetch(`${url}/v1/chat/completions`, {
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'demo', messages: [], temperature: 'hot' }),
})
console.log(refused.status, await refused.text())
// #endregion

// #region same-in-anthropics-words
const same = await fetch(`${url}/v1/messages`, {
  method: 'POST',
  headers: { 'x-api-key': key, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'demo', max_tokens: 100, messages: [], temperature: 'hot' }),
})
console.log(same.status, await same.text())
// #endregion

await close()
