import { createCatalog, createUndiciTransport } from '@switchyard/llm/kit'
import type { AuthContext } from '@switchyard/llm/kit'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readEnvironment, renderFinding } from '../../config/index.ts'
import type { Finding, GatewayConfig } from '../../config/index.ts'
import { demoModel } from '../../demo/demo-model.ts'
import { createDialer } from '../../deployments/dial.ts'
import { renderChecks } from '../doctor/check.ts'
import type { Check } from '../doctor/check.ts'
import { checkDatabase } from '../doctor/database.ts'
import { checkDeployment } from '../doctor/deployment.ts'
import { checkDataDirectory, checkNode } from '../doctor/machine.ts'
import { loadFor } from '../start/configuration.ts'
import { databaseOf } from '../start/database.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface DoctorFlags {
  config?: string | undefined
  data?: string | undefined
  live?: true | undefined
  json?: true | undefined
}

/** Looks at everything a start needs and says what to do; ends with 1 when something fails. */
export async function doctor(flags: DoctorFlags, world: World): Promise<number> {
  const environment = readEnvironment(world.env)
  const data = resolve(world.directory, flags.data ?? environment.settings.dataDirectory ?? '.switchyard')
  const configPath = flags.config ?? environment.settings.configPath
  const loaded = await loadFor({}, configPath, world)
  const checks: Check[] = [
    checkNode(process.versions.node),
    await checkDataDirectory(data),
    ...environment.problems.map((problem): Check => ({
      verdict: 'warning',
      subject: 'environment',
      message: problem,
    })),
    ...loaded.findings.map(checkOfFinding),
  ]
  if (loaded.ok) {
    const { config } = loaded
    const count = config.deployments.length
    checks.push({
      verdict: 'ok',
      subject: 'config',
      message: `${configPath ?? 'no file'}: ${count} ${count === 1 ? 'deployment' : 'deployments'}`,
    })
    checks.push(await checkDatabase(databaseOf(config.settings, data)))
    checks.push(...(await checkDeployments(config, flags.live === true, world)))
  }
  world.stdout.write(flags.json === true ? `${JSON.stringify(checks, undefined, 2)}\n` : renderChecks(checks))
  return checks.some(({ verdict }) => verdict === 'failure') ? exitCodes.failed : exitCodes.done
}

function checkOfFinding(finding: Finding): Check {
  const { fix, level } = finding
  return {
    verdict: level === 'error' ? 'failure' : level === 'warning' ? 'warning' : 'ok',
    subject: 'config',
    message: renderFinding({ ...finding, fix: undefined }),
    ...(fix === undefined ? {} : { fix }),
  }
}

async function checkDeployments(config: GatewayConfig, live: boolean, world: World): Promise<Check[]> {
  const transport = createUndiciTransport({ connect: createDialer(config.settings) })
  const auth: AuthContext = {
    transport,
    nowMs: Date.now,
    env: (name) => config.environment[name]?.reveal() ?? world.env[name],
    readFile: (path) => readFile(path, 'utf8'),
  }
  const context = {
    config,
    catalog: createCatalog({ now: Date.now }),
    auth,
    localModels: [demoModel],
    newId: randomUUID,
    live,
    probed: new Map(),
  }
  try {
    return await Promise.all(config.deployments.map((entry) => checkDeployment(entry, context)))
  } finally {
    await transport.close()
  }
}
