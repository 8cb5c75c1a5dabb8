import type { DeploymentState, DeploymentStates } from '../state.ts'
import type { RunScript } from './redis.ts'

/** One sample: deployment, milliseconds a token took, milliseconds until the first; 0 where it was not looked at. */
type Written = readonly [deployment: string, latencyMs: number, firstTokenMs: number]

/** What answers took: tells this process's samples, and takes over those of others, of the last hour when it begins. */
export function createLatencySharing(
  run: RunScript,
  states: DeploymentStates,
  nowMs: () => number,
  owner: string,
): () => Promise<void> {
  /** Where reading goes on. */
  let after = '0-0'
  return async () => {
    const samples: Written[] = []
    const known = new Map<string, DeploymentState>()
    for (const state of states.all()) {
      known.set(state.key, state)
      for (const { latencyMs = 0, firstTokenMs = 0 } of state.shared?.takeSamples() ?? [])
        samples.push([state.key, latencyMs, firstTokenMs])
    }
    const [last, ...entries] = await run(TELL, 'latency', { owner, after, samples: JSON.stringify(samples) })
    if (last !== undefined) after = String(last)
    const atMs = nowMs()
    for (let index = 0; index + 1 < entries.length; index += 2) {
      const ageMs = Number(entries[index])
      for (const [key, latencyMs, firstTokenMs] of JSON.parse(String(entries[index + 1])) as Written[])
        known
          .get(key)
          ?.hear({ latencyMs: orNothing(latencyMs), firstTokenMs: orNothing(firstTokenMs) }, atMs - ageMs)
    }
  }
}

function orNothing(ms: number): number | undefined {
  return ms > 0 ? ms : undefined
}

/**
 * Appends to a stream of what all have told; gives where reading goes on, and age in milliseconds and samples of each
 * entry of others until there: so many at once, oldest first.
 */
const TELL = `
local a = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = a.after
local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. a.after, '+', 'COUNT', '200')) do
  last = entry[1]
  if entry[2][2] ~= a.owner then
    local at = tonumber(string.match(entry[1], '^%d+'))
    table.insert(found, string.format('%.0f', math.max(0, now - at)))
    table.insert(found, entry[2][4])
  end
end
if a.samples ~= '[]' then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', '1000', '*', 'owner', a.owner, 'samples', a.samples)
  redis.call('PEXPIRE', KEYS[1], 3600000)
end
table.insert(found, 1, last)
return found
`
