import type { IncomingHttpHeaders } from 'node:http'

/** What a program's own authentication is asked. */
export interface CustomAuthRequest {
  /** What the client sent as its key; left out: nothing. */
  readonly key: string | undefined
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly method: string
  /** The path, with its query. */
  readonly url: string
  /** Where the request comes from. */
  readonly address: string | undefined
  /** Ends when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/**
 * Who it is: somebody who is known to the gateway, by a key, a user or a team. Everything else makes what they may do
 * there less, never more. The names are LiteLLM's.
 */
export interface CustomIdentity {
  /** A virtual key or its hash: the request is treated as made with it. */
  readonly api_key?: string | undefined
  readonly user_id?: string | undefined
  readonly team_id?: string | undefined
  readonly org_id?: string | undefined
  readonly end_user_id?: string | undefined
  /** Only these models, of those that the identity may use. */
  readonly models?: readonly string[] | undefined
  /** Only these routes, of those that the identity may use. */
  readonly allowed_routes?: readonly string[] | undefined
  readonly rpm_limit?: number | undefined
  readonly tpm_limit?: number | undefined
  readonly max_parallel_requests?: number | undefined
  readonly tags?: readonly string[] | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * `general_settings.custom_auth: ./auth.ts:authenticate`. Undefined or null: not somebody for this check, the key is
 * looked up as usual. Throwing refuses the request with 401; what was thrown is logged and not told to the client.
 */
export type CustomAuth = (
  request: CustomAuthRequest,
) => CustomIdentity | null | undefined | Promise<CustomIdentity | null | undefined>
