import { z } from 'zod'
import { NodeConfig } from '../../node/config/node-config.ts'

/** Paths of the files that a node needs besides its code. */
export const NodePaths = z.strictObject({
  workerEntry: z.string(),
  tokenizerEntry: z.string(),
  datagramEntry: z.string(),
  bodyEntry: z.string(),
  historyEntry: z.string(),
  nativeAddon: z.string(),
  assetsDir: z.string(),
  dashboardDir: z.string(),
  defaultModelFile: z.string(),
  ducklakeFile: z.string(),
})
export type NodePaths = z.infer<typeof NodePaths>

const SpawnId = z.int().min(0)

/** Messages of the app to the node's process. */
export const NodeCommand = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start-node'), config: NodeConfig, paths: NodePaths }),
  z.strictObject({ type: z.literal('stop-node') }),
  /** Accompanied by a port that leads to the process. */
  z.strictObject({ type: z.literal('process-connected'), spawnId: SpawnId }),
  z.strictObject({ type: z.literal('process-spawned'), spawnId: SpawnId, processId: z.int() }),
  z.strictObject({ type: z.literal('process-output'), spawnId: SpawnId, stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.strictObject({ type: z.literal('process-exited'), spawnId: SpawnId, exitCode: z.int().nullable() }),
])
export type NodeCommand = z.infer<typeof NodeCommand>

/** Reports of the node's process to the shell. Only the shell can start utility processes, so the node requests them. */
export const NodeProcessReport = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('node-started'), nodeId: z.string(), apiUrl: z.string() }),
  z.strictObject({ type: z.literal('node-progress'), label: z.string(), doneBytes: z.number().min(0), totalBytes: z.number().min(0) }),
  /** `takenPort`: the API port, if another program uses it. */
  z.strictObject({ type: z.literal('node-failed'), code: z.string(), message: z.string(), takenPort: z.int().nullable() }),
  z.strictObject({
    type: z.literal('spawn-process'),
    spawnId: SpawnId,
    entry: z.string(),
    arguments: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
  }),
  z.strictObject({ type: z.literal('kill-process'), spawnId: SpawnId }),
])
export type NodeProcessReport = z.infer<typeof NodeProcessReport>
