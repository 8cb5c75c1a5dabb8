import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startDemo } from './support/demo.ts'

const switchyard = fileURLToPath(new URL('../../packages/server/bin/switchyard.js', import.meta.url))
const config = fileURLToPath(new URL('config.yaml', import.meta.url))
const env = {
  ...process.env,
  OPENAI_API_KEY: 'sk-openai',
  AZURE_API_KEY: 'azure-key',
  ANTHROPIC_API_KEY: 'sk-anthropic',
  GROQ_API_KEY: 'gsk-groq',
  SWITCHYARD_MASTER_KEY: 'sk-master',
}

console.log(
  execFileSync(process.execPath, [switchyard, 'config', 'check', config], { env, encoding: 'utf8' }),
)

// A variable that is missing is a finding with its place, and the status is 78.
const { OPENAI_API_KEY: _missing, ...poorer } = env
const broken = spawnSync(process.execPath, [switchyard, 'config', 'check', config], {
  env: poorer,
  encoding: 'utf8',
})
console.log(broken.status, broken.stdout)
if (broken.status !== 78) process.exitCode = 1

// What LiteLLM's file means here; with LiteLLM's database its keys would be taken over too.
console.log(
  execFileSync(process.execPath, [switchyard, 'import', 'litellm', '--config', config, '--dry-run'], {
    env,
    encoding: 'utf8',
  }),
)

// A gateway that keeps keys, and the commands that ask it.
const { url, key: admin, close } = await startDemo(undefined, { keeps: true })
async function at(...words: string[]): Promise<string> {
  const flags = ['--url', url, '--key', admin]
  const { stdout } = await promisify(execFile)(process.execPath, [switchyard, ...words, ...flags])
  return stdout
}
const key = (
  await at('keys', 'create', '--alias', 'web', '--budget', '10', '--budget-duration', '30d')
).trim()
console.log(key.startsWith('sk-'), await at('keys', 'list'))
await at('keys', 'rotate', 'web', '--grace', '24h')
console.log(await at('spend', '--by', 'model', '--since', '7d'))
await at('keys', 'revoke', 'web')
await close()
