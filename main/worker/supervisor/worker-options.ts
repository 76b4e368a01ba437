import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import type { WorkerLimits } from './worker.ts'

export interface WorkerDependencies {
  readonly spawn: SpawnProcess
  readonly clock: Clock
  readonly log: Log
  /** Out-of-memory kills that the system has counted; null where it does not say. */
  readonly countOutOfMemoryKills: () => Promise<number | null>
  /** Processor time of a process; null where the system does not say it cheaply. */
  readonly processCpuMs?: (processId: number) => Promise<number | null>
}

export interface WorkerOptions {
  /** Tells workers apart in logs: `rank 0 of SmolLM2`. */
  readonly label: string
  /** The worker's bundle or source, `main/worker/child/main.ts`. */
  readonly entry: string
  /** Environment of the process: the path of the native addon, MLX_HOSTFILE, … */
  readonly environment: Readonly<Record<string, string>>
  readonly limits?: Partial<WorkerLimits>
}
