import type { Principal } from '../auth/principal.ts'
import type { AuditRow } from '../store/schema.ts'

export type AuditAction = 'created' | 'updated' | 'deleted' | 'blocked' | 'unblocked' | 'rotated'

/** One change of one thing. */
export interface Change {
  /** `key`, `team` … */
  readonly kind: string
  readonly id: string
  readonly action: AuditAction
  readonly before: unknown
  readonly after: unknown
}

/** Names under which values are secrets, wherever they stand. */
const SECRET =
  /(^|_)(api_key|secret|secret_key|secret_access_key|password|token|private_key|client_secret|credentials|credential_values|authorization|access_key_id|session_token)$/i

/** What was changed, by whom, with the thing before and after. Secrets are taken out. */
export function auditRow(
  change: Change,
  about: {
    id: string
    atMs: number
    principal: Principal
    /** Whom an administrator says they act for. */
    changedBy?: string | undefined
    requestId: string
  },
): AuditRow {
  const { principal } = about
  const onBehalf = principal.role === 'proxy_admin' ? about.changedBy : undefined
  return {
    id: about.id,
    at_ms: about.atMs,
    actor_key: principal.keyHash,
    actor_user_id: onBehalf ?? principal.userId ?? null,
    action: change.action,
    object_kind: change.kind,
    object_id: change.id,
    before: change.before === undefined ? null : JSON.stringify(withoutSecrets(change.before)),
    after: change.after === undefined ? null : JSON.stringify(withoutSecrets(change.after)),
    request_id: about.requestId,
  }
}

/** The same value; what stands under a secret's name, or looks like a key, is masked. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('sk-') && !value.startsWith('sk-...') ? MASK : value
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET.test(name) && inner !== null ? MASK : withoutSecrets(inner),
    ]),
  )
}

const MASK = '[redacted]'
