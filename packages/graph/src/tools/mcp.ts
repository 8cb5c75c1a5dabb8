import { tool } from './tool.ts'
import type { Tool } from './tool.ts'

/** An MCP server that is started here and spoken to over its standard input and output. */
export interface StdioServer {
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** Its environment; a few harmless variables of this process when absent. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | undefined
}

/** An MCP server that is reached over streamable HTTP. */
export interface HttpServer {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface McpOptions {
  /** Whether names of tools begin with their server's, so that two servers do not collide. Default: only with several servers. */
  readonly prefixNames?: boolean | undefined
  /** Longest time of one call. Default: 60,000. */
  readonly timeoutMs?: number | undefined
}

/** Tools of MCP servers, as long as the connection lasts. */
export interface McpConnection {
  readonly tools: readonly Tool<Record<string, unknown>>[]
  /** Ends the connections, and the servers that were started. */
  close(): Promise<void>
}

interface McpContent {
  readonly type: string
  readonly text?: string
  readonly data?: string
  readonly mimeType?: string
  readonly uri?: string
  readonly resource?: { readonly uri?: string; readonly text?: string }
}

interface McpResult {
  readonly content?: readonly McpContent[]
  readonly structuredContent?: unknown
  readonly isError?: boolean
}

interface McpClient {
  connect(transport: unknown): Promise<void>
  listTools(params: { cursor?: string }): Promise<{
    tools: { name: string; description?: string; inputSchema: unknown }[]
    nextCursor?: string
  }>
  callTool(
    params: { name: string; arguments: Record<string, unknown> },
    schema: undefined,
    options: { signal?: AbortSignal; timeout: number },
  ): Promise<McpResult>
  close(): Promise<void>
}

async function load<Module>(path: string, importing: Promise<unknown>): Promise<Module> {
  try {
    return (await importing) as Module
  } catch (cause) {
    throw new Error(
      `Tools of MCP servers need the package \`@modelcontextprotocol/sdk\`: npm install ${path}`,
      { cause },
    )
  }
}

async function connect(server: StdioServer | HttpServer): Promise<McpClient> {
  const sdk = '@modelcontextprotocol/sdk'
  const { Client } = await load<{ Client: new (info: object) => McpClient }>(
    sdk,
    import('@modelcontextprotocol/sdk/client/index.js'),
  )
  const client = new Client({ name: 'switchyard', version: '1' })
  if ('url' in server) {
    const { StreamableHTTPClientTransport: Transport } =
      await import('@modelcontextprotocol/sdk/client/streamableHttp.js')
    await client.connect(
      new Transport(new URL(server.url), { requestInit: { headers: { ...server.headers } } }),
    )
    return client
  }
  const { StdioClientTransport: Transport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
  const { command, args = [], env, cwd } = server
  await client.connect(
    new Transport({
      command,
      args: [...args],
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
    }),
  )
  return client
}

function contentOf({ content = [] }: McpResult): unknown {
  const parts = content.map(({ type, text, data, mimeType, uri, resource }) => {
    if (type === 'text') return { type: 'text', text: text ?? '' }
    if (type === 'image') return { type: 'image_url', image_url: { url: `data:${mimeType};base64,${data}` } }
    return { type: 'text', text: resource?.text ?? `[${type} ${uri ?? resource?.uri ?? mimeType ?? ''}]` }
  })
  const isText = parts.every((part) => part.type === 'text')
  return isText ? parts.map(({ text }) => text).join('\n') : parts
}

function toTool(
  client: McpClient,
  described: { name: string; description?: string; inputSchema: unknown },
  prefix: string,
  timeoutMs: number,
): Tool<Record<string, unknown>> {
  const { name, description = '', inputSchema } = described
  const execute = async (
    args: Record<string, unknown>,
    { signal }: { signal?: AbortSignal | undefined },
  ): Promise<unknown> => {
    const result = await client.callTool({ name, arguments: args }, undefined, {
      timeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
    const content = contentOf(result)
    if (result.isError === true)
      throw new Error(typeof content === 'string' ? content : JSON.stringify(content))
    return [content, result.structuredContent]
  }
  return tool(execute, {
    name: prefix + name,
    description,
    schema: inputSchema,
    trust: 'untrusted',
    responseFormat: 'content_and_artifact',
  })
}

async function listAll(
  client: McpClient,
): Promise<{ name: string; description?: string; inputSchema: unknown }[]> {
  const listed = []
  let cursor: string | undefined
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor })
    listed.push(...page.tools)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return listed
}

/**
 * The tools of MCP servers, by the name you give each server. Needs the package `@modelcontextprotocol/sdk`.
 *
 * @example
 * const mcp = await connectMcp({ files: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '.'] } })
 * const agent = createReactAgent({ llm, tools: mcp.tools })
 * await mcp.close()
 */
export async function connectMcp(
  servers: Readonly<Record<string, StdioServer | HttpServer>>,
  options: McpOptions = {},
): Promise<McpConnection> {
  const { timeoutMs = 60_000 } = options
  const entries = Object.entries(servers)
  const isPrefixed = options.prefixNames ?? entries.length > 1
  const clients: McpClient[] = []
  const close = async (): Promise<void> => {
    await Promise.allSettled(clients.map((client) => client.close()))
  }
  try {
    // All are waited for before one failure ends the others: a server that is starting must not be left behind.
    const settled = await Promise.allSettled(
      entries.map(async ([name, server]) => {
        const client = await connect(server)
        clients.push(client)
        const listed = await listAll(client)
        return listed.map((described) => toTool(client, described, isPrefixed ? `${name}_` : '', timeoutMs))
      }),
    )
    const failed = settled.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return { tools: settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])), close }
  } catch (error) {
    await close()
    throw error
  }
}
