import { setTimeout as pause } from 'node:timers/promises'

/** The key that the governed subject is asked with. */
export const virtualKey = 'sk-bench-virtual-0123456789'

const far = 1_000_000_000

/**
 * Makes a team and a key of it, each with a budget and limits on requests and tokens: all far from being reached, so
 * that they are looked at and refuse nobody.
 */
export async function createAccounts(url: string, masterKey: string): Promise<void> {
  await untilReady(url)
  const limits = { budget_duration: '30d', rpm_limit: far, tpm_limit: far }
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${masterKey}` },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
  await post('/team/new', { ...limits, team_id: 'bench', max_budget: 1_000_000 })
  await post('/key/generate', { ...limits, key: virtualKey, team_id: 'bench', max_budget: 100_000 })
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const response = await fetch(`${url}/health/readiness`).catch(() => undefined)
    await response?.text()
    if (response?.ok === true) return
    await pause(100)
  }
  throw new Error(`${url} is not ready after half a minute`)
}
