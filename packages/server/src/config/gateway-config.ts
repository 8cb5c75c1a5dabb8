import type { CacheScope } from './schema/cache-params.ts'
import type { RouterOptions } from '@switchyard/llm/kit'
import type { Plain } from './document/tree.ts'
import type { Secret } from './secrets/secret.ts'

/** The whole configuration, validated and frozen. Printing it shows no secret. */
export interface GatewayConfig {
  readonly deployments: readonly DeploymentConfig[]
  readonly settings: GatewaySettings
  readonly health: HealthSettings
  readonly access: AccessSettings
  readonly accounting: AccountingSettings
  /** Left out: no answers are kept. */
  readonly cache?: CacheSettings | undefined
  /** `router_settings`, as far as they say how requests are routed. */
  readonly routing: RoutingConfig
  /** Other names of model groups. */
  readonly aliases: Readonly<Record<string, ModelAlias>>
  /** What `environment_variables` sets: wins over the process's own variables. */
  readonly environment: Readonly<Record<string, Secret>>
  /** Every section as it was written, references resolved, for features that read their own part. */
  readonly sections: Readonly<Record<string, Plain>>
}

/** One way to reach a model: an entry of `model_list`. Deployments of one group share the requests to it. */
export interface DeploymentConfig {
  /** `model_info.id`, or a hash of what is written, so that it stays the same over restarts and new keys. */
  readonly id: string
  /** The name clients ask for; may be a pattern such as `openai/*` or `*`. */
  readonly modelGroup: string
  /** The model string with its provider: `azure/my-deployment`. */
  readonly model: string
  readonly target: DeploymentTarget
  /** Parameters that go to the provider with every request that does not set them itself. */
  readonly params: Readonly<Record<string, Plain>>
  readonly timeouts: DeploymentTimeouts
  /** Prices in the names of LiteLLM's model map, US dollars per unit; they win over the catalogue. */
  readonly rates?: Readonly<Record<string, Plain>> | undefined
  /** `model_info` without its id and its prices. */
  readonly modelInfo: Readonly<Record<string, Plain>>
  /** The model whose price and limits hold, where `model` is a name of one's own. */
  readonly baseModel?: string | undefined
  readonly weight?: number | undefined
  /** Requests per minute. */
  readonly rpm?: number | undefined
  /** Tokens per minute. */
  readonly tpm?: number | undefined
  /** Lower ones are used first. */
  readonly order?: number | undefined
  readonly tags: readonly string[]
  /** Regular expressions for what a request says about its client. */
  readonly tagPatterns: readonly string[]
  /** How long it is left alone after it failed; 0: never. */
  readonly cooldownMs?: number | undefined
  readonly allowedFails?: number | undefined
  readonly allowedFailsPolicy?: Readonly<Record<string, number | null | undefined>> | undefined
  readonly maxParallelRequests?: number | undefined
  /** What may be spent through it. */
  readonly budget?: RoutingBudget | undefined
  readonly numRetries?: number | undefined
  /** Models that get a copy of what it has answered: LiteLLM's `silent_model`. */
  readonly silentModels: readonly string[]
  readonly dropParams?: boolean | undefined
  readonly additionalDropParams: readonly string[]
  readonly allowedOpenaiParams: readonly string[]
  /** Where marks for the provider's own prompt cache go: LiteLLM's `cache_control_injection_points`. */
  readonly cachePoints?: Plain | undefined
  /** Answers without calling anybody. */
  readonly mockResponse?: Plain | undefined
}

/** Where and as whom a deployment calls. */
export interface DeploymentTarget {
  readonly apiKey?: Secret | undefined
  readonly apiBase?: string | undefined
  readonly apiVersion?: string | undefined
  readonly organization?: string | undefined
  readonly customProvider?: string | undefined
  /** Cloud settings in LiteLLM's names: `aws_region_name`, `vertex_credentials` … Objects are JSON texts. */
  readonly options: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly extraBody?: Readonly<Record<string, Plain>> | undefined
}

export interface DeploymentTimeouts {
  readonly timeoutMs?: number | undefined
  readonly streamTimeoutMs?: number | undefined
  /** Until the first piece of a stream. */
  readonly firstTokenMs?: number | undefined
  /** Between two pieces of a stream. */
  readonly streamIdleMs?: number | undefined
}

export interface RoutingConfig {
  readonly options: RouterOptions
  readonly budgets: RoutingBudgetsConfig
  /** Strategies of one's own by the names under which `options` has them, the files' paths made absolute. */
  readonly strategyFiles: Readonly<Record<string, { readonly path: string; readonly name: string }>>
}

/** `provider_budget_config` and `tag_budget_config`; deployments have their own with them. */
export interface RoutingBudgetsConfig {
  readonly providers: ReadonlyMap<string, RoutingBudget>
  readonly tags: ReadonlyMap<string, RoutingBudget>
}

export interface RoutingBudget {
  readonly maxPicoUsd: bigint
  /** `1d`; left out: for good. */
  readonly duration?: string | undefined
}

export interface ModelAlias {
  /** The groups it stands for, in order. */
  readonly groups: readonly string[]
  /** Left out of the list of models. */
  readonly hidden: boolean
}

/** Where answers are kept, for whom and for how long. */
export interface CacheSettings {
  readonly store: CacheStoreSettings
  /** `default_off`: only requests that ask for it are cached. */
  readonly mode: 'default_on' | 'default_off'
  /** Left out: until their room is needed. */
  readonly ttlMs?: number | undefined
  readonly namespace?: string | undefined
  /** LiteLLM's words for kinds of calls; left out: all that can be cached. */
  readonly callTypes?: readonly string[] | undefined
  /** Who shares answers with each other. */
  readonly scope: CacheScope
  /** Equal requests at the same time ask once. */
  readonly coalesces: boolean
  /** Larger answers are not kept. */
  readonly maxEntryBytes: number
  /** Answers of questions that mean the same are given, too; left out: of the same questions only. */
  readonly semantic?: { readonly embeddingModel: string; readonly threshold: number } | undefined
}

/** How long a request waits for a store at most is its `deadlineMs`. */
export type CacheStoreSettings =
  | { readonly kind: 'memory'; readonly maxBytes: number }
  /** Left out: the data directory. */
  | { readonly kind: 'disk'; readonly folder?: string | undefined; readonly maxBytes: number }
  | { readonly kind: 'redis'; readonly url?: Secret | undefined; readonly deadlineMs: number }
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly region?: string | undefined
      readonly endpoint?: string | undefined
      readonly prefix: string
      /** Left out: the environment's, as for models of AWS. */
      readonly accessKeyId?: string | undefined
      readonly secretAccessKey?: Secret | undefined
      readonly sessionToken?: Secret | undefined
      readonly deadlineMs: number
    }

/** How money, tokens and requests are counted. */
export interface AccountingSettings {
  /** Windows of budgets begin at its midnight. */
  readonly timezone: string
  /** `reserve`: the most a request can cost has to be there. `postpaid`: something has to be left. */
  readonly budgetEnforcement: 'reserve' | 'postpaid'
  /** Which tokens count where tokens per minute are limited. */
  readonly countedTokens: 'total' | 'input' | 'output'
  /** Requests and answers are kept in the logs. */
  readonly keepsContent: boolean
  /** Left out: in memory with SQLite; with PostgreSQL in Redis where there is one, else in PostgreSQL. */
  readonly counters?: 'memory' | 'postgres' | 'redis' | undefined
  readonly redisUrl?: Secret | undefined
  /** How long an answer of Redis is waited for; left out: as long as the counters think right. */
  readonly redisTimeoutMs?: number | undefined
  /** How long holds of a process outlive it; then another one settles them. */
  readonly holdLeaseMs: number
  /** How long logs of requests are kept, `30d`; left out: for ever. */
  readonly logRetention?: string | undefined
  /** How often old ones are looked for; left out: daily. */
  readonly logRetentionInterval?: string | undefined
}

/** Who may come in, and what a request has to hold. */
export interface AccessSettings {
  /** Which of LiteLLM's statuses are given, where releases differ. */
  readonly statusProfile: 'current' | 'legacy'
  /** Addresses and ranges; left out: from anywhere. */
  readonly allowedIps?: readonly string[] | undefined
  /** Paths, patterns and groups of routes; left out: every route. */
  readonly allowedRoutes?: readonly string[] | undefined
  readonly adminOnlyRoutes?: readonly string[] | undefined
  /** A proxy says in `X-Forwarded-For` who connected to it. */
  readonly useForwardedFor: boolean
  /** Fields that every request has to have, as `user` or `metadata.job`. */
  readonly enforcedParams: readonly string[]
  /** The same for keys of service accounts. */
  readonly serviceAccountParams: readonly string[]
  /** From one address; then keys that are not known yet are not looked up. 0: any number. */
  readonly failedLoginsPerMinute: number
  /** Headers that name the end user, in lower case, before the body is asked. */
  readonly userHeaders: readonly string[]
  readonly rejectClientTags: boolean
  /** Keys that were used before go on for as long as the database is away. */
  readonly allowWithoutDatabase: boolean
  /** For everybody together. US dollars. */
  readonly maxBudget?: number | undefined
  readonly budgetDuration?: string | undefined
  /** For end users who have no budget of their own. US dollars. */
  readonly maxEndUserBudget?: number | undefined
  /** The same, as a budget in the database. */
  readonly maxEndUserBudgetId?: string | undefined
  /** Left out: tokens are not looked at. */
  readonly jwt?: JwtSettings | undefined
  /** `./auth.ts:authenticate`, the file's path made absolute. */
  readonly customAuth?: { readonly path: string; readonly name: string } | undefined
}

/** How tokens are checked and read. Fields are named with dots where they lie deeper. */
export interface JwtSettings {
  /** Where the public keys are. */
  readonly keyUrls: readonly string[]
  readonly audiences: readonly string[]
  readonly issuer: string
  readonly publicKeyTtlMs: number
  /** How far clocks may differ. */
  readonly leewayS: number
  readonly adminScope: string
  readonly adminAllowedRoutes: readonly string[]
  readonly teamAllowedRoutes: readonly string[]
  readonly teamIdField?: string | undefined
  readonly teamIdsField?: string | undefined
  readonly teamIdDefault?: string | undefined
  readonly teamIdUpsert: boolean
  readonly organizationIdField?: string | undefined
  readonly userIdField?: string | undefined
  readonly userEmailField?: string | undefined
  readonly userEmailDomain?: string | undefined
  readonly userRolesField?: string | undefined
  readonly userAllowedRoles: readonly string[]
  readonly userIdUpsert: boolean
  readonly endUserIdField?: string | undefined
  readonly rolesField?: string | undefined
  readonly roleMappings: readonly { readonly role: string; readonly internalRole: JwtRole }[]
  /** A user or a team, by what the roles say. */
  readonly objectIdField?: string | undefined
  /** Left out: scopes say nothing about models. */
  readonly scopeModels?: Readonly<Record<string, readonly string[]>> | undefined
  /** Only tokens with a role that is known here are let in. */
  readonly enforceRbac: boolean
  readonly rolePermissions: Readonly<Partial<Record<JwtRole, RolePermissions>>>
}

export type JwtRole = 'proxy_admin' | 'team' | 'internal_user'

export interface RolePermissions {
  readonly models?: readonly string[] | undefined
  readonly routes?: readonly string[] | undefined
}

/** What holds for every request that does not say otherwise. */
export interface GatewaySettings {
  readonly dropParams: boolean
  readonly numRetries: number
  readonly requestTimeoutMs: number
  readonly streamTimeoutMs?: number | undefined
  /** Until the first piece of a stream, where that is less. */
  readonly firstTokenMs?: number | undefined
  /** Between two pieces of a stream. */
  readonly streamIdleMs?: number | undefined
  readonly masterKey?: Secret | undefined
  readonly maxRequestBytes: number
  /** Of a form that carries a recording. */
  readonly maxUploadBytes: number
  /** When set, the only header in which keys are looked for. */
  readonly keyHeaderName?: string | undefined
  /** PostgreSQL's address with its password. Left out: SQLite in the data directory. */
  readonly databaseUrl?: Secret | undefined
  /** Connections to the database at most. */
  readonly databaseConnections?: number | undefined
  /** How long connecting, or waiting for a free connection, may take. */
  readonly databaseConnectTimeoutMs?: number | undefined
  /** How long a statement may run. */
  readonly databaseStatementTimeoutMs?: number | undefined
  /** What secrets in the database are sealed under. */
  readonly saltKey?: Secret | undefined
  /** Pages of these origins may call from a browser. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Names with their ports whose addresses may be private. */
  readonly allowPrivate?: readonly string[] | undefined
}

/** How deployments are looked at to see whether they answer. */
export interface HealthSettings {
  /** Now and then, without being asked to. */
  readonly background: boolean
  readonly intervalMs: number
  /** Deployments that are asked at the same time. */
  readonly concurrency: number
  /** Those that do not answer are asked by nobody. */
  readonly routes: boolean
  /** For how long that holds; left out: until the next check. */
  readonly staleMs?: number | undefined
  /** Limits that are reached and timeouts say nothing. */
  readonly ignoresTransient: boolean
}
