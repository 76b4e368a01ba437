import { availableParallelism } from 'node:os'
import type { TLSSocket } from 'node:tls'
import { AdmitWindow } from '../../cluster/admission/admit-window.ts'
import { hostOf } from '../../cluster/link/dialing/host-of.ts'
import type { KnockPath } from '../../cluster/pairing/knock-path.ts'
import { PairingDesk } from '../../cluster/pairing/pairing-desk.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { admissionOf, type ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import { adoptRecord } from '../../domain/admission/cluster-record.ts'
import { wasStartedByPerson } from '../../platform/processes/start-cause.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import { openClusterBook } from '../files/cluster-book.ts'
import { chooseCluster, ownClusterName } from '../member/choose-cluster.ts'
import { ClusterMembership } from '../member/cluster-membership.ts'
import { LateMembership } from '../member/late-membership.ts'
import { startClusterMember } from '../member/start-cluster-member.ts'
import { describePath } from '../peers/describe-path.ts'
import type { FirstTokenTimes } from '../shards/first-token-times.ts'
import type { InstanceKeeps } from '../shards/instance-keeps.ts'
import type { NodeLife } from './node-life.ts'
import type { NodeSurroundings } from './node-surroundings.ts'
import type { NodeFiles } from './open-node-files.ts'
import type { NodeModels } from './open-models.ts'
import type { WatchedHardware } from './watch-hardware.ts'

export interface MembershipParts {
  readonly files: Pick<NodeFiles, 'identity' | 'settings'>
  readonly models: Pick<NodeModels, 'store' | 'hub' | 'families'>
  readonly hardware: WatchedHardware
  readonly firstTokens: FirstTokenTimes
  readonly keeps: InstanceKeeps
  readonly maxMemoryBytes: number | null
}

export interface StartedMembership {
  readonly membership: ClusterMembership
  readonly desk: PairingDesk
  /** The cluster in which the node starts. */
  readonly choice: ClusterChoice
}

/** Enters the chosen cluster and opens the desk at which machines pair. */
export async function startMembership(surroundings: NodeSurroundings, parts: MembershipParts, life: NodeLife): Promise<StartedMembership> {
  const { config, host, clock, random, log, recentLog, disk } = surroundings
  const { files, models, hardware, firstTokens, keeps, maxMemoryBytes } = parts
  const { identity, settings } = files
  const { machine, ownClusterKey: ownKey } = settings.current()
  const ownName = ownClusterName(hardware.facts().name, identity.nodeId)
  const book = await openClusterBook({ dataDir: config.dataDir, ownName, ownKey, random, clock, disk, log })
  life.onStop(() => book.settled())
  const choice = chooseCluster(config, settings.current(), ownName)
  const window = new AdmitWindow(clock, config.admitWindowMs, config.isStartedByPerson && wasStartedByPerson(process.env))
  const kindOfInterface = (name: string): InterfaceKind =>
    hardware.facts().interfaces.find((candidate) => candidate.name === name)?.kind ?? 'other'
  const pathOf = (socket: TLSSocket): Omit<KnockPath, 'nodeId'> => {
    const remoteHost = hostOf(socket, '')
    const localAddress = socket.localAddress ?? ''
    return { host: remoteHost, ...describePath({ localAddress, remoteHost }, readInterfaceAddresses(), kindOfInterface) }
  }

  const late = new LateMembership()
  const desk = new PairingDesk(
    {
      identity,
      clock,
      random,
      log,
      nodeName: hardware.facts().name,
      membership() {
        const { clusterName, clusterKey, isOpen } = late.get().choice()
        const record = late.get().member().admission?.share() ?? null
        return { clusterName, clusterKey: record?.secret ?? clusterKey, record, isOpen }
      },
      async onKey({ clusterName, clusterKey, record }) {
        const store = record && book.open(clusterName)
        if (store) await store.change(adoptRecord(store.current(), record, identity.nodeId, clock.epochMs()))
        await late.get().joinPaired({ clusterName, clusterKey: record ? null : clusterKey, isOpen: false })
      },
      onGiven: async (nodeId, nodeName) => late.get().member().admission?.note(nodeId, nodeName, 'digits'),
      pathOf,
      onChange: () => late.changed(),
    },
    life.signal,
  )
  const membership = await ClusterMembership.start(
    {
      settings,
      desk,
      log,
      own: { clusterName: ownName, clusterKey: null, isOpen: false },
      isOpen: config.isOpen,
      onJoin: () => window.open(),
      startMember: (next, peerPort, memberSignal) =>
        startClusterMember(
          {
            host,
            identity,
            store: models.store,
            hub: models.hub,
            families: models.families,
            hardware,
            firstTokens,
            keeps,
            clock,
            random,
            log,
            recentLog,
            disk,
            config: { ...config, ...next, maxMemoryBytes, peerPort: peerPort ?? config.peerPort ?? machine.peerPort ?? 0 },
            admitting: {
              acceptPairing: (...connection) => desk.accept(...connection),
              closed:
                admissionOf(next) === 'members'
                  ? {
                      store: book.open(next.clusterName),
                      window: next.clusterName === ownName ? null : window,
                      onChange: () => late.changed(),
                    }
                  : null,
              pathOf,
            },
            cores: availableParallelism(),
          },
          memberSignal,
        ),
      onFailed: (error) => life.fail(error),
    },
    choice,
    life.signal,
  )
  late.enter(membership)
  life.onStop(() => membership.stop())
  return { membership, desk, choice }
}
