import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import type { WorkerLimits } from './worker.ts'

export interface WorkerDependencies {
  readonly spawn: SpawnProcess
  readonly clock: Clock
  readonly log: Log
  /** Out-of-memory kills counted by the system; null if it does not report them. */
  readonly countOutOfMemoryKills: () => Promise<number | null>
  /** Processor time of a process; null if the system cannot report it cheaply. */
  readonly processCpuMs?: (processId: number) => Promise<number | null>
}

export interface WorkerOptions {
  /** Identifies the worker in logs: `rank 0 of SmolLM2`. */
  readonly label: string
  /** `main/worker/child/main.ts`, bundled or from source. */
  readonly entry: string
  /** Environment of the process: the path of the native addon, MLX_HOSTFILE, … */
  readonly environment: Readonly<Record<string, string>>
  readonly limits?: Partial<WorkerLimits>
}
