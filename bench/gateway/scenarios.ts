/** Stands in the last content of every answer, so that a cut or empty one is noticed. */
export const marker = 'MARKER-4711'

export interface Scenario {
  id: ScenarioId
  title: string
  /** The model's name tells the fake upstream how to answer. */
  model: string
  /** Part of the `--requests` count that this scenario runs. */
  share: number
  body: string
  /** What a complete answer holds. */
  expects: string[]
}

export type ScenarioId = 'small' | 'large' | 'stream' | 'spaced'

const question = 'Summarise the attached notes in three sentences, and name whoever must act next. '

export const scenarios: Scenario[] = [
  { id: 'small', title: '1.5 KB request', share: 1, ...chatRequest('bench-whole', 1_500) },
  { id: 'large', title: '100 KB request', share: 0.1, ...chatRequest('bench-whole', 100_000) },
  { id: 'stream', title: '50-chunk stream (burst)', share: 0.2, ...chatRequest('bench-stream', 1_500) },
  {
    id: 'spaced',
    title: '50-chunk stream (5 every 5 ms)',
    share: 0.05,
    ...chatRequest('bench-spaced', 1_500),
  },
]

export const models: string[] = [...new Set(scenarios.map(({ model }) => model))]

function chatRequest(model: string, bytes: number): Pick<Scenario, 'model' | 'body' | 'expects'> {
  const stream = model !== 'bench-whole'
  const render = (content: string): string =>
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You are a careful assistant.' },
        { role: 'user', content },
      ],
      max_tokens: 256,
      temperature: 0.2,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    })
  const missing = bytes - render('').length
  const content = question.repeat(Math.ceil(missing / question.length)).slice(0, missing)
  return { model, body: render(content), expects: stream ? [marker, 'data: [DONE]'] : [marker] }
}
