import { sealCredential } from '../../models/stored-credential.ts'
import { decryptAll, UNREADABLE, UNSEALABLE } from '../secrets.ts'
import type { Kind } from './kind.ts'
import { stampsOf } from './kind.ts'

export const credentials: Kind<'credentials'> = {
  table: 'credentials',
  source: 'LiteLLM_CredentialsTable',
  id: 'credential_name',
  map: async (columns, context) => {
    const id = columns.text('credential_name') ?? ''
    // It tells rows of that table apart; here the name does.
    columns.text('credential_id')
    const info = columns.map('credential_info') ?? {}
    const values = decryptAll(columns.map('credential_values') ?? {}, context.secrets)
    if (values === undefined) return { leftOut: UNREADABLE }
    if (!context.secrets.canSeal) return { leftOut: UNSEALABLE }
    const texts = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
    const data = await sealCredential(id, info, Object.fromEntries(texts), context.secrets.sealer)
    return { resource: { id, data, ...stampsOf(columns, context) } }
  },
}
