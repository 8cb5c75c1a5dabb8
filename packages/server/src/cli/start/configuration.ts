import { createCatalog, isSwitchyardError, providers, resolveTarget } from '@switchyard/llm/kit'
import type { Catalog } from '@switchyard/llm/kit'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig, loadDefaultConfig } from '../../config/index.ts'
import type { LoadResult, ModelCheck } from '../../config/index.ts'
import { demoModel } from '../../demo/demo-model.ts'
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
    return loadConfig({
      path: '(--model)',
      readFile: () => Promise.resolve(text),
      env: world.env,
      checkModel: modelCheckOf(world),
    })
  }
  if (configPath !== undefined) return loadConfigFile(configPath, world)
  return loadDefaultConfig(world.env)
}

export function loadConfigFile(path: string, world: Pick<World, 'env' | 'directory'>): Promise<LoadResult> {
  return loadConfig({
    path,
    readFile: (name) => readFile(resolve(world.directory, name), 'utf8'),
    env: world.env,
    checkModel: modelCheckOf(world),
  })
}

/** A model that no provider is known for is a mistake of the configuration, found before anyone asks for it. */
function modelCheckOf({ env }: Pick<World, 'env'>): ModelCheck {
  let catalog: Catalog | undefined
  const context = {
    registry: providers,
    env: (name: string) => env[name],
    providerOfModel: (model: string) => (catalog ??= createCatalog()).providerOfBareModel(model),
  }
  return (question) => {
    if (question.model.startsWith(`${demoModel.id}/`)) return undefined
    try {
      resolveTarget(question, context)
      return undefined
    } catch (error) {
      if (isSwitchyardError(error)) return error.message
      throw error
    }
  }
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
