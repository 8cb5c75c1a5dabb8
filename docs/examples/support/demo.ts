import {
  createServices,
  demoModel,
  loadConfig,
  prepareDatabase,
  renderFindings,
  startGateway,
} from '@switchyard/server'

/** Where the calls of an example go, so that it runs without a provider's key. */
export interface Demo {
  /** Root address of the gateway: `<url>/v1` for OpenAI's clients, `<url>` for Anthropic's. */
  url: string
  key: string
  /** For the SDK's functions: `completion({ model: 'openai/demo', ...target, … })`. */
  target: { api_base: string; api_key: string }
  close: () => Promise<void>
}

const key = 'sk-example'

const config = `
model_list:
  - model_name: demo
    litellm_params: { model: demo/echo }
    model_info: { input_cost_per_token: 0.000001, output_cost_per_token: 0.000004 }
`

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/**
 * Starts a gateway on a free port of this machine, with the offline demo model or the configuration given. `keeps`: with
 * a database, in memory, for keys and all else that is administered.
 */
export async function startDemo(
  yaml: string = config,
  { keeps = false }: { keeps?: boolean } = {},
): Promise<Demo> {
  const loaded = await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(yaml),
    env: { ...process.env, SWITCHYARD_MASTER_KEY: key },
  })
  if (!loaded.ok) throw new Error(renderFindings(loaded.findings))
  const store = keeps
    ? await prepareDatabase({ file: ':memory:', instance: 'example', log: silent })
    : undefined
  const services = createServices({
    config: loaded.config,
    version: '0.0.0',
    env: (name) => process.env[name],
    localModels: [demoModel],
    ...(store === undefined ? {} : { store }),
  })
  const { url, close } = await startGateway(services, { host: '127.0.0.1', port: 0 })
  return {
    url,
    key,
    target: { api_base: `${url}/v1`, api_key: key },
    close: async () => {
      await close(0)
      await store?.close()
    },
  }
}
