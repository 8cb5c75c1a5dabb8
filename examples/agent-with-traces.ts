// An agent with two tools over a router, and a line of JSON for each of its calls, as jq and DuckDB read it.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jsonlTrace, Router } from '@switchyard/llm'
import type { MessageParam, ToolParam } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, outage, close } = await startProviders()
const folder = await mkdtemp(join(tmpdir(), 'traces-'))
const traces = join(folder, 'traces.jsonl')

const router = new Router({
  model_list: [
    { model_name: 'primary-agent-model', litellm_params: { model: 'openai/gpt-4o-mini', ...outage } },
    {
      model_name: 'primary-agent-model',
      litellm_params: { model: 'mistral/mistral-small-latest', ...openai },
    },
  ],
  routing_strategy: 'simple-shuffle',
  num_retries: 2,
  timeout: 30,
  callbacks: [jsonlTrace(traces)],
})

const weather: Record<string, string> = { paris: '18°C, sunny', tokyo: '25°C, humid' }
const toolbox: Record<string, (input: Record<string, string>) => string> = {
  get_weather: ({ city = '' }) => weather[city.toLowerCase()] ?? `No weather data available for ${city}.`,
  calculate: ({ expression = '' }) => {
    const [, left, operator, right] = /^(\d+) *([+*-]) *(\d+)$/.exec(expression) ?? []
    if (operator === undefined) return 'Error: two whole numbers and one of + - * are supported.'
    const [a, b] = [Number(left), Number(right)]
    return String(operator === '+' ? a + b : operator === '-' ? a - b : a * b)
  },
}
const tool = (name: string, description: string, field: string): ToolParam => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  },
})
const tools = [
  tool('get_weather', 'Get current weather for a city.', 'city'),
  tool('calculate', 'Evaluate a simple arithmetic expression.', 'expression'),
]

async function run(question: string, trace: string): Promise<string> {
  const messages: MessageParam[] = [{ role: 'user', content: question }]
  for (;;) {
    const answer = await router.completion({
      model: 'primary-agent-model',
      messages,
      tools,
      tool_choice: 'auto',
      litellm_trace_id: trace,
    })
    const message = answer.choices[0]?.message
    assert.ok(message)
    messages.push(message)
    if (message.tool_calls === undefined) return message.content ?? ''
    for (const call of message.tool_calls) {
      if (call.type !== 'function') continue
      const { name, arguments: input } = call.function
      const content = toolbox[name]?.(JSON.parse(input) as Record<string, string>) ?? `Unknown tool: ${name}`
      messages.push({ role: 'tool', tool_call_id: call.id, content })
    }
  }
}

const questions = ['What is the weather like in Paris?', 'Calculate 17 * 43']
for (const [index, question] of questions.entries()) {
  console.log('Q:', question)
  console.log('A:', await run(question, `question-${index}`))
}

interface Line {
  model: string
  trace_id: string
  latency_s: number
  cost_usd: number
  attempts: number
}
const lines = (await readFile(traces, 'utf8')).trimEnd().split('\n')
const records = lines.map((line) => JSON.parse(line) as Line)
// jq -s '[.[] | .cost_usd] | add' traces.jsonl
console.log(
  'cost',
  records.reduce((sum, { cost_usd }) => sum + cost_usd, 0),
)
// SELECT model, AVG(latency_s), SUM(cost_usd) FROM read_ndjson_auto('traces.jsonl') GROUP BY model
console.table(
  Object.entries(Object.groupBy(records, ({ model }) => model)).map(([model, group = []]) => ({
    model,
    calls: group.length,
    latency_s: group.reduce((sum, { latency_s }) => sum + latency_s, 0) / group.length,
  })),
)
// Each question asked at least twice: for the tool, and with its result.
assert.ok(records.length >= 4)
assert.deepEqual([...new Set(records.map(({ trace_id }) => trace_id))], ['question-0', 'question-1'])
assert.ok(records.every(({ model, cost_usd }) => model === 'mistral-small-latest' && cost_usd > 0))

await rm(folder, { recursive: true })
await close()
