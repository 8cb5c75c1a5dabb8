import { startProviders } from './providers.ts'

/** The model that an example's graph speaks to. */
export interface ExampleModel {
  /** For `createReactAgent({ llm })` and `chat({ ...llm, messages })`. */
  llm: { model: string; api_base?: string; api_key?: string }
  /** Whether it is the offline demo model, which repeats what it is told, so that its answers are known. */
  isDemo: boolean
  close: () => Promise<void>
}

/** The offline demo model; or a real one: SWITCHYARD_EXAMPLE_MODEL=openai/gpt-4o-mini, with its key in the environment. */
export async function startModel(): Promise<ExampleModel> {
  const model = process.env['SWITCHYARD_EXAMPLE_MODEL']
  if (model !== undefined) return { llm: { model }, isDemo: false, close: () => Promise.resolve() }
  const { openai, close } = await startProviders()
  return { llm: { model: 'openai/gpt-4o', ...openai }, isDemo: true, close }
}
