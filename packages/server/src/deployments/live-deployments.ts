import { isSwitchyardError } from '@switchyard/llm/kit'
import type { DeploymentState } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import type { DeploymentConfig } from '../config/index.ts'
import { createDeployments } from './deployments.ts'
import type { Deployments, DeploymentsInput } from './deployments.ts'

/** Deployments to which more may be added while the gateway runs: those that are kept in the database. */
export interface LiveDeployments extends Deployments {
  /** These beside the configuration's, instead of those added before. Whoever was found before stays usable. */
  readonly add: (more: readonly DeploymentConfig[]) => void
}

export function createLiveDeployments(input: DeploymentsInput, log: Pick<Logger, 'error'>): LiveDeployments {
  let current = createDeployments(input)
  return {
    find: (model) => current.find(model),
    byId: (id) => current.byId(id),
    groups: () => current.groups(),
    names: () => current.names(),
    all: () => current.all(),
    configs: () => current.configs(),
    add: (more) => {
      current = createDeployments(withMore(input, usable(more, input, log)))
      // Their credentials may be others now.
      for (const { id } of more) enable(current.byId(id)?.state)
    },
  }
}

function withMore(input: DeploymentsInput, more: readonly DeploymentConfig[]): DeploymentsInput {
  const { config } = input
  const known = new Set(config.deployments.map(({ id }) => id))
  // The file wins over the database, as it does everywhere.
  const added = more.filter(({ id }) => !known.has(id))
  return { ...input, config: { ...config, deployments: [...config.deployments, ...added] } }
}

/** One that nobody can call must not take the others with it. */
function usable(
  more: readonly DeploymentConfig[],
  input: DeploymentsInput,
  log: Pick<Logger, 'error'>,
): readonly DeploymentConfig[] {
  return more.filter((deployment) => {
    try {
      createDeployments({ ...input, config: { ...input.config, deployments: [deployment] } })
      return true
    } catch (error) {
      if (!isSwitchyardError(error)) throw error
      log.error({ model: deployment.id, error }, 'a model in the database is left out: nobody can call it')
      return false
    }
  })
}

/** A deployment whose credentials were refused is asked again. */
function enable(state: DeploymentState | undefined): void {
  const code = state?.cooldown?.code
  if (state !== undefined && (code === 'authentication' || code === 'permission_denied'))
    state.cooldown = undefined
}
