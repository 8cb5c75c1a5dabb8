import type { Logger } from 'pino'
import type { Gateway } from '../../app.ts'
import type { Services } from '../../services.ts'
import { messageOf } from '../world.ts'
import type { World } from '../world.ts'

/** Takes up the configuration as it is written now, each time it is asked to; a wrong one changes nothing. */
export function reloadOnDemand(
  gateway: Pick<Gateway, 'reload'>,
  readAnew: () => Promise<Services>,
  log: Logger,
  world: Pick<World, 'onReload'>,
): void {
  let last = Promise.resolve()
  const reload = async (): Promise<void> => {
    try {
      const services = await readAnew()
      await gateway.reload(services)
      log.info(
        { deployments: services.config.deployments.length },
        'the configuration was read anew and is in force',
      )
    } catch (error) {
      log.error(`the configuration is not taken up, the one before stays in force:\n${messageOf(error)}`)
    }
  }
  world.onReload(() => {
    // One after the other, so that the one asked for last is the one in force.
    last = last.then(reload)
  })
}
