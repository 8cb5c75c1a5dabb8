import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

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
