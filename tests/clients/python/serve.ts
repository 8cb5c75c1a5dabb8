// Serves the Python clients' tests: prints the gateway's address and key as one line of JSON, ends with stdin.
// With `virtual` the key is one that the gateway has made, with a budget and limits of its own.
import { once } from 'node:events'
import { startGovernedGateway } from '../../governance/support/governed-gateway.ts'
import { startTestGateway } from '../support/gateway.ts'
import type { TestGateway } from '../support/gateway.ts'

const gateway = process.argv[2] === 'virtual' ? await startWithVirtualKey() : await startTestGateway()
process.stdout.write(
  `${JSON.stringify({ url: gateway.url, key: gateway.key, provider: gateway.provider.url })}\n`,
)
process.stdin.resume()
await once(process.stdin, 'close')
await gateway.close()

async function startWithVirtualKey(): Promise<TestGateway> {
  const governed = await startGovernedGateway()
  const key = await governed.newKey({
    max_budget: 100,
    budget_duration: 'monthly',
    rpm_limit: 100_000,
    tpm_limit: 100_000_000,
    max_parallel_requests: 100,
  })
  return { ...governed, key }
}
