/** LiteLLM's tables that are read with others, or that say nothing to take over. */
export const readWithOthers: ReadonlySet<string> = new Set([
  'LiteLLM_TeamMembership',
  'LiteLLM_OrganizationMembership',
  'LiteLLM_ObjectPermissionTable',
  'LiteLLM_ModelTable',
])

/** Why the rows of other tables stay where they are. */
const reasons: Readonly<Record<string, string>> = {
  LiteLLM_SpendLogs: 'logs of single requests stay in the old database',
  LiteLLM_ErrorLogs: 'logs of single requests stay in the old database',
  LiteLLM_AuditLog: 'the audit log begins anew and stays in the old database',
  LiteLLM_Config: 'settings of the dashboard: write them into config.yaml',
  LiteLLM_DeletedTeamTable: 'what is deleted stays deleted',
  LiteLLM_DeletedVerificationToken: 'what is deleted stays deleted',
  LiteLLM_InvitationLink: 'invitations to the dashboard have no use here',
  LiteLLM_UserNotifications: 'notices of the dashboard have no use here',
  LiteLLM_CronJob: 'it says which of the old instances works',
  LiteLLM_HealthCheckTable: 'results of health checks are made anew',
  LiteLLM_SSOConfig: 'signing in to the dashboard is not taken over',
  LiteLLM_CacheConfig: 'settings of the dashboard: write them into config.yaml',
}

const OTHERWISE = 'this release has nothing of the kind'

export function reasonFor(table: string): string {
  return reasons[table] ?? OTHERWISE
}
