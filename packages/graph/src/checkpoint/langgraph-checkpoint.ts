import type { LangGraphCheckpoint } from './base-checkpoint-saver.ts'
import { newCheckpointId } from './checkpoint-id.ts'

/** A checkpoint of LangGraph's format with nothing in it. */
export function emptyCheckpoint(): LangGraphCheckpoint {
  return {
    v: 4,
    id: newCheckpointId(),
    ts: new Date().toISOString(),
    channel_values: {},
    channel_versions: {},
    versions_seen: {},
  }
}

/** A copy whose records can be changed without changing those of the original; the values are the same. */
export function copyCheckpoint(checkpoint: LangGraphCheckpoint): LangGraphCheckpoint {
  const { channel_values: values, channel_versions: versions, versions_seen: seen } = checkpoint
  return {
    v: checkpoint.v,
    id: checkpoint.id,
    ts: checkpoint.ts,
    channel_values: { ...values },
    channel_versions: { ...versions },
    versions_seen: structuredClone(seen ?? {}),
  }
}
