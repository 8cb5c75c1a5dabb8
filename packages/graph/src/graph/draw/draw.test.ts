import { Graph as TheirGraph } from '@langchain/core/runnables/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeGraph } from './describe.ts'
import type { DescribedGraph, DescribeOptions } from './describe.ts'
import type { DrawableGraph } from './drawable.ts'
import { layOut } from './layout.ts'

function graph(
  names: readonly string[],
  edges: readonly [string, string][],
  rest: Partial<DescribedGraph> = {},
): DescribedGraph {
  const nodes = Object.fromEntries(
    names.map((name) => [
      name,
      { runnable: () => name, ends: undefined, endLabels: undefined, metadata: undefined },
    ]),
  )
  return { nodes, edges, waitingEdges: [], branches: {}, ...rest }
}

const agent = graph(
  ['agent', 'tools'],
  [
    ['__start__', 'agent'],
    ['tools', 'agent'],
  ],
  { branches: { agent: { route: { ends: { continue: 'tools', __end__: '__end__' } } } } },
)

/** The same graph as LangChain's drawing code has it. */
function theirs(drawn: DrawableGraph): TheirGraph {
  const nodes = Object.fromEntries(
    Object.values(drawn.nodes).map((node) => [
      node.id,
      { ...node, metadata: { ...node.metadata }, data: { name: node.name, schema: {} } as never },
    ]),
  )
  return new TheirGraph({ nodes, edges: drawn.edges.map((edge) => ({ ...edge })) as never })
}

const inner = describeGraph(
  graph(
    ['a', 'b'],
    [
      ['__start__', 'a'],
      ['a', 'b'],
      ['b', '__end__'],
    ],
  ),
)
const outer = graph(
  ['before', 'inner'],
  [
    ['__start__', 'before'],
    ['before', 'inner'],
    ['inner', '__end__'],
  ],
)

describe('Mermaid, letter by letter what LangGraph writes', () => {
  it('is this text', () => {
    expect(describeGraph(agent).drawMermaid()).toBe(
      [
        "%%{init: {'flowchart': {'curve': 'linear'}}}%%",
        'graph TD;',
        '\t__start__([<p>__start__</p>]):::first',
        '\tagent(agent)',
        '\ttools(tools)',
        '\t__end__([<p>__end__</p>]):::last',
        '\t__start__ --> agent;',
        '\ttools --> agent;',
        '\tagent -. &nbsp;continue&nbsp; .-> tools;',
        '\tagent -.-> __end__;',
        '\tclassDef default fill:#f2f0ff,line-height:1.2;',
        '\tclassDef first fill-opacity:0;',
        '\tclassDef last fill:#bfb6fc;',
        '',
      ].join('\n'),
    )
  })

  it.each<[name: string, described: DescribedGraph, options?: DescribeOptions]>([
    ['an agent', agent],
    ['pauses', agent, { interruptBefore: ['tools'], interruptAfter: '*' }],
    ['a graph inside', outer, { inside: (name) => (name === 'inner' ? inner : undefined) }],
    [
      'a node that leads to itself',
      graph(
        ['loop'],
        [
          ['__start__', 'loop'],
          ['loop', 'loop'],
        ],
      ),
    ],
    [
      'names of several words',
      graph(
        ['write a draft', 'é*'],
        [
          ['__start__', 'write a draft'],
          ['write a draft', 'é*'],
        ],
      ),
    ],
    [
      'long labels',
      graph(['a', 'b'], [['__start__', 'a']], {
        branches: {
          a: { route: { ends: { 'one two three four five six seven eight nine ten eleven': 'b' } } },
        },
      }),
    ],
    [
      'conditions that name no targets',
      graph(['a', 'b', 'c'], [['__start__', 'a']], { branches: { a: { route: { ends: undefined } } } }),
    ],
    [
      'edges that wait for several',
      graph(
        ['a', 'b', 'c'],
        [
          ['__start__', 'a'],
          ['__start__', 'b'],
        ],
        { waitingEdges: [[['a', 'b'], 'c']] },
      ),
    ],
  ])('%s', (_, described, options) => {
    const drawn = describeGraph(described, options)
    expect(drawn.drawMermaid()).toBe(theirs(drawn).drawMermaid())
    const bare = { withStyles: false, wrapLabelNWords: 3 }
    expect(drawn.drawMermaid(bare)).toBe(theirs(drawn).drawMermaid(bare))
  })
})

it('JSON has nodes and edges', () => {
  const described = graph(['a'], [['__start__', 'a']], {
    nodes: {
      a: { runnable: () => 1, ends: ['__end__'], endLabels: { __end__: 'done' }, metadata: { owner: 'ada' } },
    },
  })
  expect(JSON.parse(JSON.stringify(describeGraph(described)))).toEqual({
    nodes: [
      { id: '__start__', type: 'schema', data: { $schema: 'https://json-schema.org/draft/2020-12/schema' } },
      {
        id: 'a',
        type: 'runnable',
        data: { id: ['langgraph', 'RunnableCallable'], name: 'a' },
        metadata: { owner: 'ada' },
      },
      { id: '__end__', type: 'schema', data: { $schema: 'https://json-schema.org/draft/2020-12/schema' } },
    ],
    edges: [
      { source: '__start__', target: 'a', conditional: false },
      { source: 'a', target: '__end__', data: 'done', conditional: true },
    ],
  })
})

describe('SVG', () => {
  it('asks nothing of the network and lets no name out of its place', () => {
    const hostile = '"><script href="http://evil.example">&\u0000'
    const svg = describeGraph(graph([hostile], [['__start__', hostile]])).drawSvg({ title: hostile })
    expect(svg).not.toContain('<script')
    expect(svg).not.toMatch(/(?:href|src)="http/)
  })

  it('dashes conditional edges and labels them', () => {
    const svg = describeGraph(agent).drawSvg()
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(2)
    expect(svg).toContain('>continue</text>')
  })

  it('places no two nodes on each other and leads edges down, save those that lead back', () => {
    const anyGraph = fc
      .integer({ min: 1, max: 12 })
      .chain((count) =>
        fc.tuple(
          fc.constant(Array.from({ length: count }, (_, index) => `n${index}`)),
          fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
        ),
      )
    fc.assert(
      fc.property(anyGraph, ([names, pairs]) => {
        const edges = pairs.map(([from, to]): [string, string] => [names[from] ?? '', names[to] ?? ''])
        const { nodes, edges: placed } = layOut(describeGraph(graph(names, edges)))
        expect(nodes).toHaveLength(names.length + 1)
        for (const [index, left] of nodes.entries()) {
          for (const right of nodes.slice(index + 1)) {
            const apart =
              left.x + left.width <= right.x ||
              right.x + right.width <= left.x ||
              left.y + left.height <= right.y ||
              right.y + right.height <= left.y
            expect(apart).toBe(true)
          }
        }
        for (const { from, to, isBack } of placed) if (!isBack) expect(to.y).toBeGreaterThan(from.y)
      }),
    )
  })

  it('a chain of ten thousand nodes is drawn', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
    const edges = names.slice(1).map((name, index): [string, string] => [names[index] ?? '', name])
    expect(layOut(describeGraph(graph(names, edges))).nodes).toHaveLength(10_001)
  })
})
