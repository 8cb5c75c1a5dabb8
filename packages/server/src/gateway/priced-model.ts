import type { Deployment } from '../deployments/deployments.ts'
import type { PricedModel } from '../policy/call-price.ts'

/** A deployment, as far as its price matters. */
export function pricedModel(deployment: Deployment): PricedModel {
  return {
    rates: deployment.ratesFor(undefined),
    maxOutputTokens: deployment.info()?.maxOutputTokens,
  }
}
