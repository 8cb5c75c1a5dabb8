import type { Transport } from './transport.ts'

/** What a caller or a configuration gives to prove who asks. */
export interface Credentials {
  apiKey?: string | undefined
  /**
   * LiteLLM's cloud parameters by their own names: `aws_access_key_id`, `aws_region_name`, `vertex_credentials`
   * (JSON text or a path), `azure_ad_token`, `tenant_id`, `client_id`, `client_secret` …
   */
  options: Readonly<Record<string, string | undefined>>
}

/** The request to be authorized, complete but for the headers that do it. */
export interface AuthRequest {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array | undefined
}

/** The world as a scheme may see it. */
export interface AuthContext {
  transport: Transport
  nowMs(): number
  env(name: string): string | undefined
  /** Absent where there are no files. Rejects for a file that cannot be read. */
  readFile?: ((path: string) => Promise<string>) | undefined
}

/** A way to prove who asks. */
export interface AuthScheme {
  id: string
  /** Sets of variables each of which is enough, the usual one first. Left out: the provider's key is all it takes. */
  environment?: readonly (readonly string[])[] | undefined
  /** The headers follow from the credentials alone, so that whoever has them may keep them. */
  constant?: boolean | undefined
  /**
   * The headers to add; a promise only when something must be fetched, read or computed elsewhere.
   * Throws, or rejects with, `CredentialError`; a token service that cannot be reached is a `TransportError`.
   */
  authorize(
    request: AuthRequest,
    credentials: Credentials,
    context: AuthContext,
  ): Record<string, string> | Promise<Record<string, string>>
}
