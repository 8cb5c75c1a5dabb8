import { budgets } from './budgets.ts'
import { credentials } from './credentials.ts'
import { customers } from './customers.ts'
import { keys } from './keys.ts'
import type { AnyKind } from './kind.ts'
import { models } from './models.ts'
import { organizations } from './organizations.ts'
import { rotatedKeys } from './rotated-keys.ts'
import { tags } from './tags.ts'
import { teams } from './teams.ts'
import { users } from './users.ts'

/** What is taken over, in an order in which whatever is referred to comes first. */
export const kinds: readonly AnyKind[] = [
  budgets,
  organizations,
  users,
  teams,
  keys,
  rotatedKeys,
  customers,
  tags,
  credentials,
  models,
]
