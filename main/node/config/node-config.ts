import { z } from 'zod'
import { KvBits } from '../../shared/models/kv-bits.ts'
import { ParallelStrategy } from '../../shared/models/model-card.ts'
import { OptimizeGoal } from '../../shared/placement.ts'
import { SealRing } from '../../shared/seal-ring.ts'
import type { ClusterChoice } from '../../domain/admission/cluster-choice.ts'

const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
export type LogLevel = z.infer<typeof LogLevel>

export const HostPort = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65535) })
export type HostPort = z.infer<typeof HostPort>

const Port = z.int().min(0).max(65535)

/** All options of a node that its host (command line, Electron) sets before the start. */
export const NodeConfig = z.strictObject({
  /** null: loopback, or all addresses where the user's setting says so. */
  host: z.string().min(1).nullable().default(null),
  /** 0: any free port; null: the user's setting, or else 8080. */
  port: Port.nullable().default(null),
  apiToken: z.string().min(1).nullable().default(null),
  /** false: no token is created when the host is not loopback. */
  asksForToken: z.boolean().default(true),
  /** Origins of web pages that may call the API, in addition to those of this machine. */
  allowedOrigins: z.array(z.string().min(1)).default([]),
  /** Host names that the API accepts, in addition to those of this machine. */
  allowedHosts: z.array(z.string().min(1)).default([]),
  /** Whether the only loaded model answers for names of cloud models, such as gpt-4o. */
  cloudNames: z.boolean().default(true),
  dataDir: z.string().min(1),
  /** Ids, aliases or folders to load at start. */
  models: z.array(z.string().min(1)).default([]),
  strategy: ParallelStrategy.nullable().default(null),
  minNodes: z.int().min(1).default(1),
  optimize: OptimizeGoal.default('memory'),
  /** null: the best backend that the topology allows. */
  backend: z.enum(['jaccl', 'ring']).nullable().default(null),
  /** null: the last cluster that the user chose, or else `default` or the machine's own cluster. */
  clusterName: z.string().min(1).max(64).nullable().default(null),
  clusterKey: z.string().min(1).nullable().default(null),
  /** Anyone on the network can join a cluster without a key. */
  isOpen: z.boolean().default(false),
  /** How long after a start by a person other newly started nodes are admitted automatically; 0: never. */
  admitWindowMs: z
    .int()
    .min(0)
    .max(24 * 3_600_000)
    .default(10 * 60_000),
  /** A person started this node, as opposed to a supervisor, a service or an update. */
  isStartedByPerson: z.boolean().default(true),
  /** If no cluster was chosen: starts in the machine's own cluster, like the app, instead of in `default`. */
  startsAlone: z.boolean().default(false),
  peers: z.array(HostPort).default([]),
  /** 0: any free port; null: the user's setting, or else 0. */
  peerPort: Port.nullable().default(null),
  mdns: z.boolean().default(true),
  broadcast: z.boolean().default(true),
  /** null: the user's setting, or else the machine's free memory. */
  maxMemoryBytes: z.int().min(1).nullable().default(null),
  /** Which paths between the ranks of a model are encrypted. */
  sealRing: SealRing.default('lan'),
  /** A file of limited size; null: stderr. */
  logFile: z.string().min(1).nullable().default(null),
  hardwareFile: z.string().min(1).nullable().default(null),
  loadDefaultModel: z.boolean().default(true),
  logLevel: LogLevel.default('info'),
  logFormat: z.enum(['json', 'pretty']).default('pretty'),
  /** The address of a collector of OpenTelemetry; null: as the environment says. */
  otlpEndpoint: z.string().max(2048).nullable().default(null),
  /** An instance without requests for this long is unloaded; 0: never. Instances requested at start stay loaded. */
  idleUnloadMs: z
    .int()
    .min(0)
    .default(30 * 60_000),
  /** Longest sequence of an instance; null: the usual length, as far as memory allows. */
  contextTokens: z.int().min(1).nullable().default(null),
  /** Bits per number of the KV cache; null: as computed. */
  kvBits: KvBits.nullable().default(null),
})
export type NodeConfig = z.infer<typeof NodeConfig>
/** A node's configuration once its cluster is chosen. */
export type MemberConfig = Omit<NodeConfig, 'clusterName' | 'startsAlone' | 'peerPort'> & ClusterChoice & { readonly peerPort: number }
export type NodeOptions = z.input<typeof NodeConfig>
