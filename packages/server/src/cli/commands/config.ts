import { configJsonSchema, effectiveConfig, exitCodeFor, renderFindings } from '../../config/index.ts'
import { loadConfigFile } from '../start/configuration.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'

/** Says everything that is wrong with a file; ends with 78 when a server would not start with it. */
export async function checkConfig(path: string, world: World): Promise<number> {
  const loaded = await loadConfigFile(path, world)
  const findings = renderFindings(loaded.findings)
  if (findings !== '') world.stdout.write(`${findings}\n`)
  if (loaded.ok) {
    const { deployments } = loaded.config
    world.stdout.write(
      `${path}: ${deployments.length} ${deployments.length === 1 ? 'deployment' : 'deployments'}, usable\n`,
    )
  }
  return exitCodeFor(loaded)
}

/** What is in force and where each value comes from; secrets are not shown. */
export async function showEffectiveConfig(path: string, json: boolean, world: World): Promise<number> {
  const loaded = await loadConfigFile(path, world)
  if (loaded.findings.length > 0) world.stderr.write(`${renderFindings(loaded.findings)}\n`)
  if (!loaded.ok) return exitCodeFor(loaded)
  const values = effectiveConfig(loaded)
  const text = json
    ? JSON.stringify(values, undefined, 2)
    : values.map(({ path, value, source }) => `${path} = ${JSON.stringify(value)}  # ${source}`).join('\n')
  world.stdout.write(`${text}\n`)
  return exitCodes.done
}

/** The JSON Schema of `config.yaml`, for editors. */
export function showConfigSchema(world: World): number {
  world.stdout.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`)
  return exitCodes.done
}
