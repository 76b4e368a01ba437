import type { Clock } from '../../platform/clock.ts'
import type { DiskTroubles } from '../../platform/files/disk-troubles.ts'
import type { Log } from '../../platform/log/log.ts'
import type { RecentLog } from '../../platform/log/recent-log.ts'
import type { Random } from '../../platform/random.ts'
import type { NodeConfig } from '../config/node-config.ts'
import type { NodeHost } from '../config/node-host.ts'

/** The configuration and the services that every part of a node uses. */
export interface NodeSurroundings {
  readonly config: NodeConfig
  readonly host: NodeHost
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The newest lines of the log, for other nodes. */
  readonly recentLog: RecentLog
  readonly disk: DiskTroubles
}

/** Time between a failed write of a file and the next attempt. */
export const DISK_RETRY_MS = 10_000
