import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

/** A server with a tool that answers, one that shows, and one that fails. */
export function createServer(): McpServer {
  const server = new McpServer({ name: 'test', version: '1' })
  server.registerTool(
    'add',
    { description: 'Adds.', inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  )
  server.registerTool('show', { description: 'Shows.', inputSchema: {} }, () => ({
    content: [
      { type: 'text', text: 'a dot' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    ],
  }))
  server.registerTool('fail', { description: 'Fails.', inputSchema: {} }, () => ({
    content: [{ type: 'text', text: 'out of paper' }],
    isError: true,
  }))
  return server
}

if (process.argv[1] === import.meta.filename) await createServer().connect(new StdioServerTransport())
