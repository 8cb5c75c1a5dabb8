import type { ExplainRouteFlags } from '../commands/route.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'

export const addRoute: Family = (program, world, end) => {
  const route = program.command('route').description('how requests find their deployment')
  const explain = route
    .command('explain')
    .description('say which deployment would be asked, and why none of the others; nothing is sent')
    .requiredOption('--model <name>', 'the model that a request asks for')
    .option('--config <file>', 'read a configuration instead of asking a gateway; nothing cools down there')
    .option('--prompt <text>', 'what the request says')
    .option('--tags <tags>', 'its tags, with commas')
    .option('--body <json>', 'the whole request, as a client would send it')
    .option('--json', 'all that there is to say')
  addGatewayFlags(explain).action(async (flags: ExplainRouteFlags) => {
    const { explainRoute } = await import('../commands/route.ts')
    await end(explainRoute(flags, world))
  })
}
