import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig, loadDefaultConfig } from '../../config/index.ts'
import type { LoadResult } from '../../config/index.ts'
import { CommandError, exitCodes } from '../world.ts'
import type { World } from '../world.ts'
import { modelFlags } from './flags.ts'
import type { StartFlags } from './flags.ts'

/** Where the configuration comes from: a file, `--model`, or neither. */
export async function loadFor(
  flags: Partial<StartFlags>,
  configPath: string | undefined,
  world: Pick<World, 'env' | 'directory'>,
): Promise<LoadResult> {
  const { model } = flags
  if (model !== undefined) {
    if (flags.config !== undefined)
      throw new CommandError(
        '--config and --model exclude each other: pass one of them.',
        exitCodes.configuration,
      )
    const text = JSON.stringify(configOfModel(model, flags))
    return loadConfig({ path: '(--model)', readFile: () => Promise.resolve(text), env: world.env })
  }
  if (configPath !== undefined) return loadConfigFile(configPath, world)
  return loadDefaultConfig(world.env)
}

export function loadConfigFile(path: string, world: Pick<World, 'env' | 'directory'>): Promise<LoadResult> {
  return loadConfig({
    path,
    readFile: (name) => readFile(resolve(world.directory, name), 'utf8'),
    env: world.env,
  })
}

/** The configuration that `--model` stands for: the model under its own name, and under every other one. */
function configOfModel(model: string, flags: Partial<StartFlags>): object {
  const { api_base, api_version, headers, temperature, max_tokens } = flags
  const entry = (name: string): object => ({
    model_name: name,
    litellm_params: { model, api_base, api_version, headers, temperature, max_tokens },
  })
  return {
    model_list: [entry(flags.alias ?? model), entry('*')],
    litellm_settings: { drop_params: flags.drop_params, request_timeout: flags.request_timeout },
  }
}

/** Flags that say nothing because `--model` is not there. */
export function strayModelFlags(flags: Partial<StartFlags>): string[] {
  if (flags.model !== undefined) return []
  return modelFlags.filter((name) => flags[name] !== undefined).map((name) => `--${name}`)
}
