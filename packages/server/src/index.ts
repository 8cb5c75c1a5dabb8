/** For programs that start a gateway themselves; the command line is `switchyard`. */
export { startGateway } from './app.ts'
export type { Gateway } from './app.ts'
export { loadConfig, loadDefaultConfig, renderFindings } from './config/index.ts'
export type { Finding, GatewayConfig, LoadInput, LoadResult } from './config/index.ts'
export { demoModel } from './demo/demo-model.ts'
export type { LocalContext, LocalModel } from './deployments/local-model.ts'
export { createServices } from './services.ts'
export type { Services, ServicesInput } from './services.ts'
