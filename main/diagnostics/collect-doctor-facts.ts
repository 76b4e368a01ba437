import type { Clock } from '../platform/clock.ts'
import { withinTime } from '../platform/waiting/within-time.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { ClusterView } from '../shared/cluster-view.ts'
import type { HardwareFacts, MissingFact } from '../shared/hardware.ts'
import type { NodeId } from '../shared/ids.ts'
import type { Exposure } from '../shared/wire/api/exposure.ts'
import type { DoctorFacts, StoredModelHealth } from './doctor-facts.ts'
import type { SystemProbes } from './system-probes.ts'

/** No probe may delay the others for longer. `system_profiler` is the slowest. */
const LIMIT_MS = 40_000

/** The facts reported by a running node. */
export interface RunningNode {
  view(signal: AbortSignal): Promise<ClusterView>
  /** The hardware of the nodes that have reported, including this one. */
  hardware(signal: AbortSignal): Promise<ReadonlyMap<NodeId, HardwareFacts>>
  /** For each peer: its clock minus this machine's. */
  clockSkewMs(signal: AbortSignal): Promise<ReadonlyMap<NodeId, number>>
  exposure(signal: AbortSignal): Promise<Exposure | null>
  sameIdentity(signal: AbortSignal): Promise<DoctorFacts['sameIdentity']>
}

export interface DoctorDependencies {
  readonly clock: Clock
  readonly system: SystemProbes
  readHardware(signal: AbortSignal): Promise<HardwareFacts>
  /** null: none of this user's nodes runs with this data folder. */
  readonly node: RunningNode | null
  /** The number of peers found in a few seconds of discovery, for when no node is running; null: not tried. */
  readonly discoverPeers: ((signal: AbortSignal) => Promise<number>) | null
  storedModels(signal: AbortSignal): Promise<readonly StoredModelHealth[]>
}

export interface DoctorOptions {
  readonly version: string
  readonly dataDir: string
  readonly modelDir: string
  readonly identityFile: string
  readonly api: { readonly host: string; readonly port: number }
  /** 0: any port, so it cannot be in use. */
  readonly peerPort: number
}

/** Runs all probes at once, each with a time limit. Rejects only for `signal`; failed probes are named in `missing`. */
export async function collectDoctorFacts(
  dependencies: DoctorDependencies,
  options: DoctorOptions,
  signal: AbortSignal,
): Promise<DoctorFacts> {
  const { clock, node, system } = dependencies
  const missing: MissingFact[] = []
  const ask = async <Value>(source: string, work: (signal: AbortSignal) => Promise<Value>): Promise<Value | null> => {
    try {
      return await withinTime(work, LIMIT_MS, () => new AppError('doctor-late', `no answer within ${LIMIT_MS / 1000} s`), clock, signal)
    } catch (error) {
      if (signal.aborted) throw error
      missing.push({ source, reason: errorMessage(error) })
      return null
    }
  }
  const portUse = async (name: string, host: string, port: number): Promise<DoctorFacts['ports']> => {
    if (port === 0) return []
    const use = node ? 'ours' : await ask(`${name} port`, () => system.portUse(host, port))
    return use === null ? [] : [{ name, port, use }]
  }
  const [
    self,
    cluster,
    hardwareByNode,
    clockSkewMs,
    exposure,
    sameIdentity,
    discoveredPeers,
    apiPort,
    peerPort,
    identityMode,
    isWritable,
    modelDisk,
    storedModels,
    firewall,
    multicast,
  ] = await Promise.all([
    ask('hardware', (until) => dependencies.readHardware(until)),
    node && ask('running node', (until) => node.view(until)),
    node && ask('peer hardware', (until) => node.hardware(until)),
    node && ask('peer clocks', (until) => node.clockSkewMs(until)),
    node && ask('exposure', (until) => node.exposure(until)),
    node && ask('clones', (until) => node.sameIdentity(until)),
    node ? null : dependencies.discoverPeers && ask('discovery', dependencies.discoverPeers),
    portUse('api', options.api.host, options.api.port),
    portUse('peer', '0.0.0.0', options.peerPort),
    ask('identity file', () => system.fileMode(options.identityFile)),
    ask('data folder', () => system.isWritable(options.dataDir)),
    ask('disk', () => system.diskSpace(options.modelDir)),
    ask('models', (until) => dependencies.storedModels(until)),
    ask('firewall', (until) => system.firewall(until)),
    ask('multicast', () => system.multicast()),
  ])
  return {
    version: options.version,
    self,
    cluster,
    hardwareByNode: hardwareByNode ?? new Map(),
    clockSkewMs: clockSkewMs ?? new Map(),
    exposure,
    sameIdentity: sameIdentity ?? [],
    discoveredPeers,
    ports: [...apiPort, ...peerPort],
    identityFile: { path: options.identityFile, mode: identityMode },
    dataDir: isWritable === null ? null : { path: options.dataDir, isWritable },
    modelDisk,
    storedModels,
    firewall,
    multicast,
    missing,
  }
}
