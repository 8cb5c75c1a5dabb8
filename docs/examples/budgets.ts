import { startServer } from './support/server.ts'

// It answers by itself, at the price of a model that is called: 1 USD for a thousand tokens.
const yaml = `
model_list:
  - model_name: house
    litellm_params:
      model: openai/house
      mock_response: Hello there
      input_cost_per_token: 0.001
      output_cost_per_token: 0.001
`
const { url, kill, remove } = await startServer({ yaml })

const post = (path: string, key: string, body: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function newKey(limits: object): Promise<string> {
  const made = (await (await post('/key/generate', 'sk-example', limits)).json()) as { key: string }
  return made.key
}

const hello = { model: 'house', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] }

// #region budget
// 6 cents a day: enough for some answers, and never passed.
const frugal = await newKey({ max_budget: 0.06, budget_duration: 'daily' })
let answer = await post('/v1/chat/completions', frugal, hello)
let answered = 0
while (answer.ok) {
  answered++
  console.log('spent', answer.headers.get('x-litellm-key-spend'), 'of 0.06')
  answer = await post('/v1/chat/completions', frugal, hello)
}
const refused = (await answer.json()) as { error: { code: string; message: string } }
console.log(answer.status, refused.error.code, refused.error.message)
// #endregion

// #region rate
const slow = await newKey({ rpm_limit: 1 })
const first = await post('/v1/chat/completions', slow, hello)
console.log(first.status, 'left:', first.headers.get('x-ratelimit-api_key-remaining-requests'))
const second = await post('/v1/chat/completions', slow, hello)
console.log(
  second.status,
  second.headers.get('rate_limit_type'),
  'again in',
  second.headers.get('retry-after'),
)
// #endregion

await kill()
remove()
if (answered === 0 || refused.error.code !== 'budget_exceeded' || second.status !== 429) process.exitCode = 1
