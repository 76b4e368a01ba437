import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { NodeOptions, HostPort } from '../node/config/node-config.ts'
import { defaultDataDir, resolvePath } from '../platform/files/default-folders.ts'
import { parseByteSize } from '../shared/formats/byte-size.ts'
import { requireLongKey } from '../shared/cluster-key-rule.ts'
import { errorMessage } from '../shared/app-error.ts'
import { KvBits } from '../shared/models/kv-bits.ts'
import { OptimizeGoal } from '../shared/placement.ts'
import { SealRing } from '../shared/seal-ring.ts'
import { UsageError } from './usage-error.ts'
import { folderOrName } from './text/folder-or-name.ts'

/** The flags of a node, as parsed by commander. */
export interface NodeFlags {
  port?: number
  host?: string
  apiToken?: string
  token: boolean
  backend?: 'jaccl' | 'ring'
  model: string[]
  strategy?: 'pipeline' | 'tensor'
  minNodes: number
  optimize: OptimizeGoal
  cluster?: string
  clusterKey?: string
  clusterKeyFile?: string
  open?: true
  admitWindow: number
  peer: HostPort[]
  allowOrigin: string[]
  allowHost: string[]
  cloudNames: boolean
  peerPort?: number
  mdns: boolean
  broadcast: boolean
  maxMemory?: number
  sealRing: SealRing
  hardware?: string
  dataDir?: string
  defaultModel: boolean
  idleUnload: number
  context?: number
  kvBits?: '16' | '8' | '4'
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  logFormat: 'json' | 'pretty'
  logFile?: string
  otlpEndpoint?: string
}

export function integer(name: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`${name} must be a whole number from ${minimum} to ${maximum}.`)
    }
    return value
  }
}

export function ratio(name: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= minimum && value <= maximum))
      throw new InvalidArgumentError(`${name} must be a number from ${minimum} to ${maximum}.`)
    return value
  }
}

function hostPort(text: string, previous: HostPort[]): HostPort[] {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port < 1 || port > 65535) throw new InvalidArgumentError('A peer must be HOST:PORT, with an IPv6 address in brackets.')
  return [...previous, { host: match[1] ?? match[2] ?? '', port }]
}

function byteSize(text: string): number {
  const bytes = parseByteSize(text)
  if (bytes === null) throw new InvalidArgumentError('A size must be a number with a unit, such as 48GB or 48GiB.')
  return bytes
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }
const MOST_WINDOW_MS = 24 * 3_600_000

/** `10m`, `30s`, `1h`, or 0. */
export function duration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smh]?)$/.exec(text) ?? []
  const durationMs = number === '0' ? 0 : Number(number) * (UNIT_MS[unit] ?? Number.NaN)
  if (!(durationMs <= MOST_WINDOW_MS))
    throw new InvalidArgumentError('A duration must be 0 or a number with s, m or h, such as 10m, up to 24h.')
  return durationMs
}

const append = (text: string, previous: string[]): string[] => [...previous, text]
const appendModel = (text: string, previous: string[]): string[] => append(folderOrName(text), previous)

/** The data folder, for every command that needs it. */
export interface DataDirFlags {
  dataDir?: string
}

export function dataDirOption(): Option {
  return new Option('--data-dir <folder>', 'identity, settings, models, history, logs (default: ~/.exo)').env('EXO_HOME')
}

/** The folder that a command uses: from its own flag, the program's flag, or the default. */
export function dataDirOf(program: Command, flags: { dataDir?: string | undefined }): string {
  return resolvePath(flags.dataDir ?? program.opts<NodeFlags>().dataDir ?? defaultDataDir())
}

/** The defaults of all flags. */
export function defaultNodeFlags(): NodeFlags {
  return addNodeOptions(new Command()).parse([], { from: 'user' }).opts<NodeFlags>()
}

/** Adds the flags of a node to `command`. */
export function addNodeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--port <port>', 'API port; 0: any free port (default: as set in the dashboard, else 8080)').argParser(
        integer('--port', 0, 65535),
      ),
    )
    .option('--host <address>', 'address that the API listens on (default: 127.0.0.1, or all if that is set in the dashboard)')
    .addOption(new Option('--api-token <token>', 'bearer token that clients must send').env('EXO_API_TOKEN'))
    .option('--no-token', 'require no token, even if --host is not loopback: anyone who can reach the API has full access')
    .option(
      '--allow-origin <origin>',
      'allow calls from web pages of this origin, such as https://chat.example; `*`: any (repeatable)',
      append,
      [],
    )
    .option('--allow-host <name>', 'also accept this host name, such as that of a proxy (repeatable)', append, [])
    .option('--no-cloud-names', 'do not let the only loaded model answer requests for gpt-4o, claude-… and similar names')
    .addOption(new Option('--backend <backend>', 'how shards communicate').choices(['jaccl', 'ring']))
    .option('--model <model>', 'id, alias or folder of a model to load at start (repeatable)', appendModel, [])
    .addOption(new Option('--strategy <strategy>', 'how models are split').choices(['pipeline', 'tensor']))
    .addOption(
      new Option('--min-nodes <count>', 'spread a model over at least this many nodes')
        .argParser(integer('--min-nodes', 1, 1024))
        .default(1),
    )
    .addOption(
      new Option('--optimize <goal>', 'place models for one fast answer, for many at once, or on the fewest nodes')
        .choices(OptimizeGoal.options)
        .default('memory'),
    )
    .option('--cluster <name>', 'cluster to join or create (default: as chosen in the dashboard, else `default`)')
    .addOption(new Option('--cluster-key <key>', 'only nodes with this key can join; at least 12 characters').env('EXO_CLUSTER_KEY'))
    .option('--cluster-key-file <file>', 'file that contains the key, so that it does not show in process lists')
    .option('--open', 'let any exo on the network join, without a key')
    .addOption(
      new Option(
        '--admit-window <time>',
        'how long after start this node admits machines that have also just started, such as 10m; 0: never',
      )
        .argParser(duration)
        .default(10 * 60_000, '10m'),
    )
    .option('--peer <host:port>', 'a node to connect to (repeatable)', hostPort, [])
    .addOption(
      new Option('--peer-port <port>', 'port for peers; 0: any free port (default: as set in the dashboard, else 0)').argParser(
        integer('--peer-port', 0, 65535),
      ),
    )
    .option('--no-mdns', 'do not discover peers by mDNS')
    .option('--no-broadcast', 'do not discover peers by UDP broadcast')
    .option('--max-memory <size>', 'memory limit of this node, such as 48GB or 48GiB', byteSize)
    .addOption(
      new Option(
        '--seal-ring <paths>',
        'which paths between the shards of a model are encrypted; lan: all except loopback and direct Thunderbolt cables',
      )
        .choices(SealRing.options)
        .default('lan'),
    )
    .option('--hardware <file>', 'use the hardware recorded in this file instead of reading this machine')
    .addOption(dataDirOption())
    .option('--no-default-model', 'do not load the embedded default model')
    .addOption(
      new Option('--context <tokens>', 'maximum sequence length (default: the limit of the model, less if memory is short)').argParser(
        integer('--context', 1, 10_000_000),
      ),
    )
    .addOption(
      new Option('--kv-bits <bits>', 'store the KV cache in so many bits per number (default: as computed)').choices(['16', '8', '4']),
    )
    .addOption(
      new Option('--idle-unload <minutes>', 'unload a model after this many minutes without a request; 0: never')
        .argParser(integer('--idle-unload', 0, 525_600))
        .default(30),
    )
    .addOption(
      new Option('--log-level <level>', 'minimum level to log')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .option('--log-file <file>', 'write the log into this file, which is started again at 5 MB; the previous one is kept')
    .option('--otlp-endpoint <url>', 'send traces and metrics to this OpenTelemetry collector, such as http://127.0.0.1:4318')
    .addOption(new Option('--log-format <format>', 'log format').choices(['json', 'pretty']).default('pretty'))
}

export function clusterKeyOf({ clusterKey, clusterKeyFile }: Pick<NodeFlags, 'clusterKey' | 'clusterKeyFile'>): string | null {
  if (clusterKeyFile === undefined && clusterKey === undefined) return null
  try {
    const key = clusterKeyFile === undefined ? (clusterKey ?? '') : readFileSync(resolvePath(clusterKeyFile), 'utf8').trim()
    requireLongKey(key)
    return key
  } catch (error) {
    throw new UsageError(clusterKeyFile === undefined ? errorMessage(error) : `--cluster-key-file: ${errorMessage(error)}`)
  }
}

/** Turns flags into the options of a node. */
export function toNodeOptions(flags: NodeFlags): NodeOptions {
  if (flags.open === true && (flags.clusterKey !== undefined || flags.clusterKeyFile !== undefined))
    throw new UsageError('Use either --open or a cluster key: an open cluster has no key.')
  if (flags.cluster !== undefined && (flags.cluster.length === 0 || flags.cluster.length > 64))
    throw new UsageError('--cluster must be a name of 1 to 64 characters.')
  if (!flags.token && flags.apiToken !== undefined)
    throw new UsageError('--no-token and an API token (--api-token, EXO_API_TOKEN) cannot be used together.')
  return {
    host: flags.host ?? null,
    port: flags.port ?? null,
    apiToken: flags.apiToken ?? null,
    asksForToken: flags.token,
    allowedOrigins: flags.allowOrigin,
    allowedHosts: flags.allowHost,
    cloudNames: flags.cloudNames,
    dataDir: resolvePath(flags.dataDir ?? defaultDataDir()),
    models: flags.model,
    strategy: flags.strategy ?? null,
    minNodes: flags.minNodes,
    optimize: flags.optimize,
    backend: flags.backend ?? null,
    clusterName: flags.cluster ?? null,
    clusterKey: clusterKeyOf(flags),
    isOpen: flags.open === true,
    admitWindowMs: flags.admitWindow,
    peers: flags.peer,
    peerPort: flags.peerPort ?? null,
    mdns: flags.mdns,
    broadcast: flags.broadcast,
    maxMemoryBytes: flags.maxMemory ?? null,
    sealRing: flags.sealRing,
    hardwareFile: flags.hardware ?? null,
    loadDefaultModel: flags.defaultModel,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    logFile: flags.logFile === undefined ? null : resolvePath(flags.logFile),
    otlpEndpoint: flags.otlpEndpoint ?? null,
    idleUnloadMs: flags.idleUnload * 60_000,
    contextTokens: flags.context ?? null,
    kvBits: flags.kvBits === undefined ? null : KvBits.parse(Number(flags.kvBits)),
  }
}
