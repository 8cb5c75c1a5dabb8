// #region hook
import type { CustomAuth } from '@switchyard/server'

const badges: Readonly<Record<string, string>> = { 'badge-7': 'ada', 'badge-8': 'grace' }

/** Employees show a badge instead of a key; everybody else is looked up as usual. */
export const authenticate: CustomAuth = ({ headers }) => {
  const badge = headers['x-badge']
  if (typeof badge !== 'string') return undefined
  const user = badges[badge]
  if (user === undefined) throw new Error('no such badge')
  return { user_id: user, models: ['small'], rpm_limit: 60 }
}
// #endregion
