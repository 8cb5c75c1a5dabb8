import type { AuthScheme } from './auth.ts'
import type { Quirks } from './quirks.ts'

/** Where and as whom to call: one deployment's settings, resolved (no `os.environ/…` left in them). */
export interface Target {
  /** Our provider id. */
  provider: string
  /** The model as the provider is to see it. */
  model: string
  apiKey?: string | undefined
  /** Replaces the provider's address; keeps whatever path it has. */
  apiBase?: string | undefined
  apiVersion?: string | undefined
  organization?: string | undefined
  /** Headers sent with every call of this target. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Cloud settings in LiteLLM's names: `aws_region_name`, `vertex_project`, `tenant_id` … */
  options?: Readonly<Record<string, string | undefined>> | undefined
}

/** What a target is asked to do. */
export type Operation =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'models'
  | 'count-tokens'

/** What an address is made from. */
export interface UrlParts {
  /** The target's `apiBase` or the provider's own, without a trailing slash. */
  base: string
  /** Whether `base` came from the target rather than from the declaration. */
  custom: boolean
  /** What the protocol appends, with a leading slash. */
  path: string
  /** The model as it goes on the wire. */
  model: string
  stream: boolean
  target: Target
}

/** A service that speaks one or more wire formats: an address, a way to sign, what it speaks, how it differs. */
export interface ProviderDeclaration<Surface> {
  id: string
  /** Its name for people. */
  name: string
  /** Address with `{parts}` for settings of the target (`{aws_region_name}`); `undefined`: `api_base` is required. */
  baseUrl?: string | undefined
  /** Environment variables that replace the address, first one set wins. */
  baseUrlEnv?: readonly string[] | undefined
  /** Environment variables that hold the key, first one set wins. */
  keyEnv?: readonly string[] | undefined
  /** Variables of the organization that calls are billed to. */
  organizationEnv?: readonly string[] | undefined
  /** Variables that stand for options of the target, by option: first one set wins. */
  optionEnv?: Readonly<Record<string, readonly string[]>> | undefined
  auth: AuthScheme
  /** No key is needed (self-hosted servers). */
  keyOptional?: boolean | undefined
  /** Values for `{parts}` of `baseUrl`: option names to try, then variables, then a default. */
  addressParts?: Readonly<Record<string, AddressPart>> | undefined
  speaks: Surface
  quirks?: Quirks | undefined
  /** Quirks of some models on top, for each pattern that the model's name matches, in order. */
  modelQuirks?: readonly { match: RegExp; quirks: Quirks }[] | undefined
  /**
   * The model as it goes on the wire, where a model string holds more than the model's name: a route or a region
   * (Bedrock: `converse/eu-west-1/anthropic.claude-v2`). Left out: `target.model` as it is.
   */
  wireModel?: ((target: Target) => string) | undefined
  /** Other ids that mean the same service. */
  aliases?: readonly string[] | undefined
  /** Hosts that tell the provider when only `api_base` is given. */
  hosts?: readonly string[] | undefined
  /** Headers every call carries. */
  headers?: Readonly<Record<string, string>> | undefined
}

export interface AddressPart {
  option?: string | undefined
  env?: readonly string[] | undefined
  fallback?: string | undefined
}
