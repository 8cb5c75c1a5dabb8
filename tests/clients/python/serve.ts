// Serves the Python clients' tests: prints the gateway's address and key as one line of JSON, ends with stdin.
import { once } from 'node:events'
import { startTestGateway } from '../support/gateway.ts'

const gateway = await startTestGateway()
process.stdout.write(
  `${JSON.stringify({ url: gateway.url, key: gateway.key, provider: gateway.provider.url })}\n`,
)
process.stdin.resume()
await once(process.stdin, 'close')
await gateway.close()
