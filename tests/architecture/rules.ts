/**
 * Which way imports may go, and why. A room is a folder (or a file) directly below a package's `src`.
 * Each reason is printed by the test that finds its rule broken. Tests beside the code and `testing` folders are exempt.
 */
export interface Room {
  /** Path below the package's `src`, without `.ts`. */
  readonly name: string
  /** Rooms of the same package it may import besides itself. */
  readonly mayImport: readonly string[]
  /** Packages it may import at run time; absent means any that the manifest declares. Types are free. */
  readonly packages?: readonly string[]
  readonly reason: string
}

export interface PackageRules {
  /** Folder below `packages`. */
  readonly folder: string
  /** Our own packages it may import. */
  readonly siblings: readonly string[]
  /** Said when it imports a sibling that it may not. */
  readonly reason: string
  /** From the ground up. */
  readonly rooms: readonly Room[]
}

const belowClient = [
  'types',
  'errors',
  'tokens',
  'catalog',
  'auth',
  'cache',
  'callbacks',
  'budget',
  'limit',
  'http',
  'router',
  'protocols',
  'providers',
] as const
const belowRuntime = [
  'constants',
  'control',
  'errors',
  'same-data',
  'channels',
  'store',
  'node',
  'state',
  'checkpoint',
  'cache',
  'stream',
] as const
const belowAgents = [...belowRuntime, 'runtime', 'graph', 'tools'] as const
const belowRoutes = [
  'config',
  'http',
  'policy',
  'store',
  'counters',
  'ledger',
  'models',
  'accounts',
  'metrics',
  'cache',
  'deployments',
  'services',
  'auth',
] as const
const belowApp = [...belowRoutes, 'governance', 'gateway', 'rest', 'admin', 'agents'] as const

export const packageRules: readonly PackageRules[] = [
  {
    folder: 'llm',
    siblings: [],
    reason: 'the voice is useful alone: it must install without the gateway',
    rooms: [
      { name: 'types', mayImport: [], packages: [], reason: 'the vocabulary outlives every implementation' },
      {
        name: 'errors',
        mayImport: ['types'],
        packages: [],
        reason: 'one table that everything may throw from',
      },
      { name: 'tokens', mayImport: ['types', 'errors'], reason: 'counting needs a text, not a call' },
      {
        name: 'catalog',
        mayImport: ['types', 'errors', 'tokens'],
        reason: 'models and prices know nothing of who is called',
      },
      {
        name: 'auth',
        mayImport: ['types', 'errors'],
        reason: 'signing is handed what it needs: a clock, a key, a way to fetch',
      },
      {
        name: 'cache',
        mayImport: ['types', 'errors', 'catalog', 'auth'],
        reason: 'a cache remembers; it does not speak, though what a bucket is asked has to be signed',
      },
      {
        name: 'callbacks',
        mayImport: ['types', 'errors', 'catalog'],
        reason: 'who watches calls is told of them; it makes none',
      },
      {
        name: 'budget',
        mayImport: ['types', 'errors', 'tokens', 'catalog'],
        reason: 'a budget counts money, whoever spends it',
      },
      {
        name: 'limit',
        mayImport: ['types', 'errors'],
        reason: 'waiting needs a clock and a queue, not a call',
      },
      {
        name: 'http',
        mayImport: ['types', 'errors'],
        reason: 'bytes and deadlines have no opinion on what they carry',
      },
      {
        name: 'router',
        mayImport: ['types', 'errors', 'catalog'],
        reason: 'a router chooses; it does not speak',
      },
      { name: 'protocols', mayImport: ['types', 'errors', 'http'], reason: 'a wire format is not a company' },
      {
        name: 'providers',
        mayImport: ['types', 'errors', 'catalog', 'auth', 'http', 'protocols'],
        reason: 'a company is a declaration: an address, a way to sign, what it speaks, how it differs',
      },
      {
        name: 'client',
        mayImport: belowClient,
        reason: 'the only place where it is put together; nothing below may know it',
      },
      {
        name: 'kit',
        mayImport: [...belowClient, 'client'],
        reason: 'the door for programs that build their own gateway; nobody inside enters there',
      },
      {
        name: 'index',
        mayImport: [...belowClient, 'client'],
        reason: 'the public door: everyone outside enters here and nobody inside does',
      },
    ],
  },
  {
    folder: 'graph',
    siblings: ['@switchyard/llm'],
    reason: 'the brain speaks through the voice, and runs without it',
    rooms: [
      { name: 'constants', mayImport: [], packages: [], reason: 'names that everything shares' },
      {
        name: 'control',
        mayImport: ['constants'],
        packages: [],
        reason: 'what a node may say besides its update is a word of its own',
      },
      {
        name: 'errors',
        mayImport: ['constants', 'control'],
        packages: [],
        reason: 'one table that everything may throw from',
      },
      { name: 'same-data', mayImport: [], packages: [], reason: 'comparing is done in one way' },
      {
        name: 'lost-connections',
        mayImport: [],
        packages: ['pg'],
        reason: 'a pool outlives its connections, whoever asks it',
      },
      {
        name: 'channels',
        mayImport: ['constants', 'control', 'errors'],
        packages: [],
        reason: 'how values of one step meet is known without a graph',
      },
      {
        name: 'store',
        mayImport: ['constants', 'control', 'errors', 'same-data', 'lost-connections'],
        reason: 'memory outlives threads',
      },
      {
        name: 'node',
        mayImport: ['constants', 'control', 'errors', 'store'],
        packages: [],
        reason: 'what a node is given and may answer is known before it runs anywhere',
      },
      {
        name: 'state',
        mayImport: ['constants', 'control', 'errors', 'channels', 'node'],
        packages: [],
        reason: 'a state is declared before any node exists',
      },
      {
        name: 'checkpoint',
        mayImport: ['constants', 'control', 'errors', 'same-data', 'lost-connections'],
        reason: 'what is kept of a thread does not know what made it',
      },
      {
        name: 'cache',
        mayImport: ['constants', 'control', 'errors'],
        reason: 'a result is kept, however it came about',
      },
      {
        name: 'stream',
        mayImport: ['constants', 'control', 'errors', 'state'],
        packages: [],
        reason: 'every mode is a view of one log of events',
      },
      {
        name: 'runtime',
        mayImport: [...belowRuntime],
        packages: [],
        reason: 'what runs next is decided by pure rules; one loop awaits',
      },
      {
        name: 'graph',
        mayImport: [...belowRuntime, 'runtime'],
        packages: [],
        reason: 'a builder declares what the runtime runs',
      },
      {
        name: 'tools',
        mayImport: ['constants', 'errors', 'node', 'state', 'runtime'],
        reason:
          'a tool is a function with a schema; it is given what a node is given, and runs without a graph',
      },
      {
        name: 'agents',
        mayImport: [...belowAgents],
        reason: 'an agent is one graph among others, made of public parts',
      },
      ...['sqlite', 'postgres', 'redis'].map((name) => ({
        name,
        mayImport: ['checkpoint', 'store'],
        reason: 'the door to what needs a database; who keeps everything in memory does not load it',
      })),
      {
        name: 'zod',
        mayImport: ['state'],
        reason: 'what LangGraph keeps behind its door of this name, without zod',
      },
      {
        name: 'zod-schema',
        mayImport: ['graph'],
        reason: 'what LangGraph keeps behind `/zod/schema`: JSON Schemas of graphs',
      },
      {
        name: 'pregel',
        mayImport: ['graph'],
        reason: 'what LangGraph keeps behind its door of this name: graphs by their channels',
      },
      ...['prebuilt', 'supervisor', 'swarm'].map((name) => ({
        name,
        mayImport: ['agents'],
        reason: 'LangGraph has these in packages of their own: a program only changes the name it imports',
      })),
      {
        name: 'testing',
        mayImport: [...belowAgents, 'agents'],
        reason: 'for those who test their own savers and graphs',
      },
      {
        name: 'compat',
        mayImport: [...belowAgents],
        reason: 'what was written for LangGraph enters and leaves here',
      },
      {
        name: 'index',
        mayImport: [...belowAgents, 'agents'],
        reason: 'the public door: everyone outside enters here and nobody inside does',
      },
    ],
  },
  {
    folder: 'server',
    siblings: ['@switchyard/llm', '@switchyard/graph'],
    reason: 'the gateway uses the voice through its public door only',
    rooms: [
      { name: 'config', mayImport: [], reason: 'reading a file must not start anything' },
      { name: 'policy', mayImport: [], reason: 'rules are pure so that they can be tested as tables' },
      { name: 'http', mayImport: [], reason: 'bytes have no opinion on what they carry' },
      { name: 'store', mayImport: [], reason: 'tables do not know who asks' },
      { name: 'redis', mayImport: [], reason: 'a connection does not know what is sent through it' },
      {
        name: 'counters',
        mayImport: ['policy', 'store', 'redis'],
        reason: 'the rules say what must have room; only their counters know a memory, a Redis or a database',
      },
      { name: 'ledger', mayImport: ['policy', 'store'], reason: 'an entry is a fact, however it came about' },
      { name: 'metrics', mayImport: ['config'], reason: 'counting is done to a thing, not by it' },
      {
        name: 'deployments',
        mayImport: ['config', 'metrics', 'policy'],
        reason: 'what can be called stands ready before any request comes',
      },
      {
        name: 'demo',
        mayImport: ['deployments'],
        reason: 'the demo model is one more thing that can be called',
      },
      {
        name: 'models',
        mayImport: ['config', 'store'],
        reason: 'what the database keeps of models and credentials is opened in one place',
      },
      {
        name: 'accounts',
        mayImport: ['policy', 'store', 'counters', 'ledger'],
        reason: 'what a request is charged through, however it is kept',
      },
      {
        name: 'cache',
        mayImport: ['config', 'redis'],
        reason: 'where answers are kept is opened in one place; what they are is the gateway’s business',
      },
      {
        name: 'services',
        mayImport: [
          'config',
          'policy',
          'store',
          'counters',
          'ledger',
          'accounts',
          'metrics',
          'cache',
          'deployments',
        ],
        reason: 'what is passed around stands below everyone it is passed to',
      },
      {
        name: 'governance',
        mayImport: ['config', 'policy', 'store', 'counters', 'ledger', 'models', 'accounts', 'services'],
        reason: 'the one place where database, counters and ledger are put together',
      },
      {
        name: 'auth',
        mayImport: ['config', 'policy', 'store', 'services'],
        reason: 'who is calling is decided before what they ask for is looked at',
      },
      {
        name: 'gateway',
        mayImport: belowRoutes,
        reason: 'the request is a story of its own: no admin or agent code in it',
      },
      {
        name: 'rest',
        mayImport: [...belowRoutes, 'gateway'],
        reason: 'the side doors share the main door’s manners: who is let in, how it is refused',
      },
      {
        name: 'admin',
        mayImport: [...belowRoutes, 'rest'],
        reason: 'an administered thing is declared; how a route looks is said by rest',
      },
      {
        name: 'litellm-import',
        mayImport: ['config', 'policy', 'store', 'models', 'auth', 'admin'],
        reason: 'what comes from elsewhere becomes the same rows that the admin API makes',
      },
      {
        name: 'agents',
        mayImport: belowRoutes,
        reason: 'agents reach models through services, as every other caller does',
      },
      {
        name: 'app',
        mayImport: belowApp,
        reason: 'the table of contents: every route, in order; only what starts it imports it',
      },
      {
        name: 'index',
        mayImport: [...belowApp, 'app', 'demo'],
        reason: 'the public door of the server, for programs that start it themselves',
      },
      {
        name: 'cli',
        mayImport: [...belowApp, 'app', 'demo', 'litellm-import'],
        reason: 'a command puts the pieces together; no piece may call a command',
      },
      {
        name: 'main',
        mayImport: [...belowApp, 'app', 'demo', 'cli'],
        reason: 'the entry runs when it is imported, so nobody imports it',
      },
    ],
  },
]

/** Folders whose files must not import each other: each is one line of a longer story. */
export const siblingRules: readonly { readonly folder: string; readonly reason: string }[] = [
  {
    folder: 'packages/server/src/gateway/steps',
    reason: 'a step never imports another step: the order of the story is told in handle.ts alone',
  },
  {
    folder: 'packages/llm/src/router/strategies',
    reason: 'a strategy is whole in its file, so that it can be read, copied and deleted alone',
  },
]

/** Folders of plugs, how a file says that it is one, and the file or folder that must import it. */
export const registryRules: readonly {
  readonly folder: string
  readonly plug: RegExp
  readonly registry: string
  readonly reason: string
}[] = [
  {
    folder: 'packages/llm/src/protocols',
    plug: /^export const \w+: ChatDialect\b/m,
    registry: 'packages/llm/src/protocols/index.ts',
    reason: 'a dialect that the registry does not name cannot be spoken by any client',
  },
  {
    folder: 'packages/llm/src/protocols',
    plug: /^export const \w+: (?:Chat|Embedding)Protocol\b/m,
    registry: 'packages/llm/src/providers/',
    reason: 'a wire format that no provider speaks cannot be reached',
  },
  {
    folder: 'packages/llm/src/providers',
    plug: /^export const \w+[^=\n]*=\s*defineProvider\(/m,
    registry: 'packages/llm/src/providers/index.ts',
    reason: 'a provider that the registry does not name cannot be called',
  },
  ...[
    'packages/llm/src/router/strategies',
    'packages/llm/src/cache/stores',
    'packages/server/src/guardrails',
    'packages/server/src/sinks',
    'packages/server/src/alerts/channels',
  ].map((folder) => ({
    folder,
    plug: /^export const \w+(?:: Strategy\b|[^=\n]*=\s*define[A-Z]\w*[(<])/m,
    registry: `${folder}/index.ts`,
    reason: 'the folder’s index.ts is the registry: a plug that it does not name cannot be reached',
  })),
]

/** Where the environment may be read. */
export const environmentRules: readonly {
  readonly package: string
  readonly allowed: readonly string[]
  readonly reason: string
}[] = [
  {
    package: 'packages/llm/src/',
    allowed: ['packages/llm/src/client/environment.ts'],
    reason: 'the environment is read at one place and passed on, so that a test can pass another one',
  },
  {
    package: 'packages/server/src/',
    allowed: ['packages/server/src/config/', 'packages/server/src/main.ts'],
    reason: 'what the server was told comes from its configuration, with its source known',
  },
]

/** Where a provider may be known by name. */
export const providerNames: { readonly allowed: readonly string[]; readonly reason: string } = {
  allowed: ['packages/llm/src/providers/', 'packages/llm/src/catalog/'],
  reason: 'name the difference instead, and make it a typed quirk of the provider’s declaration',
}

export const cycleReason = 'files that need each other at run time are one file, or a third is missing'
export const manifestReason = 'a package may import only what its own package.json declares'
export const escapeReason = 'a package enters another by its name, never by a path'
export const helperHookReason =
  'test files share the modules that are loaded, so it would hold for the first of them only; `afterFile` holds for each'
export const testingReason = 'what is in a `testing` folder is for tests: it may import what is not shipped'
export const unknownRoomReason =
  'every room has a floor: give it a row in tests/architecture/rules.ts, with what it may import and why'
export const machinePathReason = 'the project runs on any machine, so it names no folder of one'
export const anyReason = 'a public signature that says `any` says nothing; use `unknown` and narrow'
