import { Writable } from 'node:stream'
import { startGateway } from '../../../packages/server/src/app.ts'
import { openCache } from '../../../packages/server/src/cache/open.ts'
import type { AnswerCache } from '../../../packages/server/src/cache/answer-cache.ts'
import { createLogger } from '../../../packages/server/src/cli/start/logger.ts'
import { loadConfig, renderFindings } from '../../../packages/server/src/config/index.ts'
import type { GatewayConfig } from '../../../packages/server/src/config/index.ts'
import { demoModel } from '../../../packages/server/src/demo/demo-model.ts'
import type { Governance } from '../../../packages/server/src/governance.ts'
import type { Metrics } from '../../../packages/server/src/metrics.ts'
import { createServices } from '../../../packages/server/src/services.ts'
import type { Services, ServicesInput } from '../../../packages/server/src/services.ts'
import { startFaultProvider } from '../../support/fault-provider.ts'
import type { FaultProvider } from '../../support/fault-provider.ts'
import { modelList } from './models.ts'
import type { ModelEntry } from './models.ts'

/** Of every gateway of the tests. */
export const masterKey = 'sk-clients-0123456789abcdef'

export interface GatewayOptions {
  /** More entries of `model_list`, given the scripted provider's root address. */
  models?: (providerUrl: string) => ModelEntry[]
  /** Further sections of the configuration. */
  sections?: Record<string, object>
  environment?: Record<string, string>
  /** Bounds on connections and requests, where they are to be tight. */
  limits?: Parameters<typeof startGateway>[1]['limits']
  /** Finds the addresses of providers' hosts. */
  resolve?: ServicesInput['resolve']
  /** Opens what keys, budgets and the ledger stand on. Left out: there is only the master key. */
  govern?: (config: GatewayConfig, log: Services['log']) => Promise<Governance>
}

export interface TestGateway {
  /** Root address: `<url>/v1` for OpenAI's clients, `<url>` for Anthropic's. */
  url: string
  port: number
  key: string
  provider: FaultProvider
  /** Everything that it has logged, as JSON lines. */
  log: () => string
  /** Goes on with another list of models, given the scripted provider's root address. */
  reload: (models: (providerUrl: string) => ModelEntry[]) => Promise<void>
  close: () => Promise<void>
}

/** A gateway in this process, in front of a scripted provider, with `modelList` and what a test adds. */
export async function startTestGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const provider = await startFaultProvider()
  const environment = { CLIENT_TEST_PROVIDER_KEY: 'sk-provider-secret', ...options.environment }
  const { general_settings: general, ...sections } = options.sections ?? {}
  const lines: string[] = []
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const log = createLogger({ level: 'debug', stdout })
  let governance: Governance | undefined
  let cache: AnswerCache | undefined
  const servicesFor = async (models: readonly ModelEntry[], metrics?: Metrics): Promise<Services> => {
    const text = JSON.stringify({
      model_list: models,
      // Each test says itself how often to try again; waiting has no place here.
      router_settings: { num_retries: 0 },
      general_settings: { master_key: masterKey, ...general },
      ...sections,
    })
    const loaded = await loadConfig({
      path: 'config.yaml',
      readFile: () => Promise.resolve(text),
      env: environment,
    })
    if (!loaded.ok) throw new Error(renderFindings(loaded.findings))
    const { config } = loaded
    governance ??= await options.govern?.(config, log)
    if (config.cache !== undefined)
      cache ??= await openCache({
        settings: config.cache,
        dataDirectory: '.',
        env: (name) => environment[name as keyof typeof environment],
        log,
        nowMs: Date.now,
        monotonicMs: () => performance.now(),
      })
    return createServices({
      config,
      accounts: governance?.accountsOf(config),
      cache,
      store: governance?.store,
      log,
      version: '0.0.0-test',
      env: (name) => environment[name as keyof typeof environment],
      localModels: [demoModel],
      ...(metrics === undefined ? {} : { metrics }),
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    })
  }
  const services = await servicesFor([...modelList(provider.url), ...(options.models?.(provider.url) ?? [])])
  const storedModels = governance?.followModels((models) => services.deployments.add(models))
  await storedModels?.read()
  const gateway = await startGateway(services, {
    host: '127.0.0.1',
    port: 0,
    limits: options.limits,
  })
  return {
    url: gateway.url,
    port: gateway.port,
    key: masterKey,
    provider,
    log: () => lines.join(''),
    reload: async (models) => gateway.reload(await servicesFor(models(provider.url), services.metrics)),
    close: async () => {
      await gateway.close(0)
      storedModels?.close()
      await cache?.close()
      await governance?.close()
      await provider.close()
    },
  }
}
