import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReactAgent, tool } from '@switchyard/graph'

const search = tool(() => 'nothing', { name: 'search' })
const folder = await mkdtemp(join(tmpdir(), 'graph-drawing-'))

// #region draw
const agent = createReactAgent({ llm: 'openai/gpt-5', tools: [search] })
const graph = agent.getGraph()

console.log(graph.drawMermaid())
console.log(JSON.stringify(graph.toJSON().edges))
await writeFile(join(folder, 'agent.svg'), graph.drawSvg({ title: 'An agent' }))
// #endregion

await rm(folder, { recursive: true })
