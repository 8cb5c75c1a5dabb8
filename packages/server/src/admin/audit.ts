import type { Principal } from '../auth/principal.ts'
import { redactTree } from '../config/secrets/redact.ts'
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
    before: change.before === undefined ? null : JSON.stringify(redactTree(change.before)),
    after: change.after === undefined ? null : JSON.stringify(redactTree(change.after)),
    request_id: about.requestId,
  }
}
