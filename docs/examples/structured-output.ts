import { completion } from '@switchyard/llm'
import { z } from 'zod'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region schema
const City = z.object({ name: z.string(), population: z.number() })

const answer = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages: [{ role: 'user', content: 'The city of Oslo has 717000 people.' }],
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'city', schema: z.toJSONSchema(City), strict: true },
  },
})
const city = City.parse(JSON.parse(answer.choices[0]?.message.content ?? ''))
console.log(city.name, city.population)
// #endregion

await demo.close()
