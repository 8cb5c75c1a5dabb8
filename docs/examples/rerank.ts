import { rerank } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region call
const { results, meta } = await rerank({
  model: 'litellm_proxy/demo', // this gateway; else cohere/rerank-v3.5, voyage/rerank-2.5 …
  ...demo.target,
  query: 'Which wagon goes to the yard?',
  documents: ['It rains.', 'The red wagon goes to the yard.', { text: 'A wagon waits.', source: 'log 7' }],
  top_n: 2,
  return_documents: true,
})
for (const { index, relevance_score: score, document } of results) console.log(index, score, document)
console.log(meta.billed_units)
// #endregion

const { url, key } = demo
// #region gateway
const response = await fetch(`${url}/v1/rerank`, {
  method: 'POST',
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'demo', query: 'red wagon', documents: ['It rains.', 'A red wagon.'] }),
})
console.log(await response.json(), response.headers.get('x-litellm-response-cost'))
// #endregion

await demo.close()
