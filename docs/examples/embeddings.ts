import { embedding } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region call
const answer = await embedding({
  model: 'openai/demo',
  ...demo.target,
  input: ['a switchyard sorts wagons', 'a gateway sorts requests'],
  dimensions: 8,
})
for (const { index, embedding: vector } of answer.data) console.log(index, vector.length)
console.log(answer.usage.prompt_tokens, 'tokens')
// #endregion

await demo.close()
