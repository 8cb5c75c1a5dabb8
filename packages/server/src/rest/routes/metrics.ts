import { isPlainObject } from '../../config/document/tree.ts'
import type { GatewayConfig } from '../../config/index.ts'
import type { Services } from '../../services.ts'
import { defineRoute } from '../route.ts'
import type { RestRoute } from '../route.ts'

export function createMetricsRoute({ config, metrics }: Services): RestRoute {
  return defineRoute({
    method: 'GET',
    paths: ['/metrics'],
    tag: 'Health',
    summary:
      'Metrics in Prometheus’ text form; for everyone with litellm_settings.require_auth_for_metrics_endpoint: false',
    access: isOpen(config) ? 'public' : 'metrics:read',
    answer: { description: 'The metrics', type: 'text/plain' },
    handle: async () => ({ type: metrics.contentType, body: await metrics.render() }),
  })
}

/** Metrics name models and their use, so that they are open only where the configuration says so. */
function isOpen({ sections }: GatewayConfig): boolean {
  const settings = sections['litellm_settings']
  return isPlainObject(settings) && settings['require_auth_for_metrics_endpoint'] === false
}
