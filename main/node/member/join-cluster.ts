import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type { ClusterAdmissionDependencies, ClusterRecordStore } from '../../cluster/admission/admission-dependencies.ts'
import { ClusterAdmission } from '../../cluster/admission/cluster-admission.ts'
import { dialKnock } from '../../cluster/admission/dial-knock.ts'
import type { KnockPath } from '../../cluster/pairing/knock-path.ts'
import { createLeaderCommands } from '../../cluster/leader-commands.ts'
import { ClusterService } from '../../cluster/cluster-service.ts'
import { runElection } from '../../cluster/election-service.ts'
import type { NodeIdentity } from '../../cluster/identity/open-identity.ts'
import { createLinks } from '../../cluster/link/create-links.ts'
import type { ProvenPeer } from '../../cluster/link/sockets/secure-socket.ts'
import type { Links } from '../../cluster/link/links.ts'
import { openDatagramThread } from '../../cluster/link/datagrams/open-datagram-thread.ts'
import type { KnockHandler } from '../../cluster/pairing/pairing-desk.ts'
import { RoutedLinks } from '../../cluster/routed-links.ts'
import { openRoundFile } from '../../cluster/round-file.ts'
import { dialDelayMs } from '../../discovery/peers/peer-observation.ts'
import { type InterfaceAddress, readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { type Discovery, startDiscovery } from '../../discovery/peers/start-discovery.ts'
import { decideLeaderCommand } from '../../domain/instance/decide-leader-command.ts'
import { rdmaLinkEvents } from '../../domain/cluster/rdma-link-events.ts'
import { manageInstances } from '../../domain/instance/manage-instances.ts'
import { failedForMs, type FailureLog, trackFailures } from '../../domain/instance/track-failures.ts'
import { NO_BETTER_PATHS, trackBetterPaths } from '../../domain/instance/paths/track-better-paths.ts'
import { type LossLog, lossyNodes, trackLossyNodes } from '../../domain/instance/paths/track-lossy-nodes.ts'
import { type SuspectPaths, trackSuspectPaths, withoutSuspects } from '../../domain/instance/paths/track-suspect-paths.ts'
import { trackUses, type UseLog } from '../../domain/instance/uses/track-uses.ts'
import { type AwayLog, awaiting, trackAway } from '../../domain/instance/track-away.ts'
import { NO_LOADS, stalledLoads, trackLoads, withoutNodes } from '../../domain/instance/track-loads.ts'
import { type TroubleLog, trackTrouble, troubledForMs } from '../../domain/instance/track-trouble.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { PlacementError } from '../../domain/placement/placement-error.ts'
import { clusterTopology } from '../../domain/placement/cluster-topology.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import { InstanceId, type NodeId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'
import type { NodeReport, NodeSample } from '../../shared/wire/peer/node-report.ts'
import { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import { admissionOf } from '../../domain/admission/cluster-choice.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'
import type { MemberConfig } from '../config/node-config.ts'
import { keepsOf } from '../shards/instance-keeps.ts'
import { isForming } from '../../domain/cluster/is-forming.ts'
import { tellPeers } from '../peers/tell-peers.ts'

export interface JoinClusterDependencies {
  readonly config: MemberConfig
  readonly identity: NodeIdentity
  readonly nodeName: string
  /** Memory of this machine. */
  readonly totalBytes: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Notified of the outcome of disk operations. */
  readonly disk: DiskWatch
  readonly kindOfInterface: (interfaceName: string) => InterfaceKind
  /** The entry `datagram-thread`, bundled or from source. */
  readonly datagramEntry: string
  acceptPairing(webSocket: WebSocket, socket: TLSSocket, peer: ProvenPeer, onKnock: KnockHandler): void
  /** null: the cluster has a chosen key or is open. */
  readonly closed: { readonly store: ClusterRecordStore; readonly window: ClusterAdmissionDependencies['window']; onChange(): void } | null
  pathOf(socket: TLSSocket): Omit<KnockPath, 'nodeId'>
  ownReport(): NodeReport
  ownSample(): NodeSample
}

export interface JoinedCluster {
  readonly links: Links<PeerMessage>
  /** Also reaches nodes without a direct link. */
  readonly routes: RoutedLinks
  readonly discovery: Discovery
  readonly service: ClusterService
  readonly control: ClusterControl
  readonly peerPort: number
  /** null: see `closed`. */
  readonly admission: ClusterAdmission | null
  /** The latest known value of each node. */
  availableBytes(): Record<NodeId, number>
  leave(): Promise<void>
}

/** Finds other nodes, links to them, takes part in the election, and follows or leads. */
export async function joinCluster(dependencies: JoinClusterDependencies, signal: AbortSignal): Promise<JoinedCluster> {
  const { config, identity, nodeName, totalBytes, clock, random, log, closed, pathOf } = dependencies
  const { nodeId } = identity
  const links = createLinks<PeerMessage>({
    identity,
    nodeName,
    totalBytes,
    clusterName: config.clusterName,
    clusterKey: closed ? closed.store.current().secret : config.clusterKey,
    admission: admissionOf(config),
    takesLinks: () => admission?.hasMembers() ?? true,
    listen: { host: null, port: config.peerPort },
    acceptPairing: (webSocket, socket, peer) =>
      dependencies.acceptPairing(webSocket, socket, peer, admission && ((...knock) => admission.accept(...knock))),
    openDatagrams: (listen) => openDatagramThread(dependencies.datagramEntry, listen, clock, log),
    schema: PeerMessage,
    clock,
    random,
    log,
  })
  let peerPort = config.peerPort
  let goOver = (): void => undefined
  const dial: ClusterAdmissionDependencies['dial'] = (address, dialSignal) => dialKnock(address, identity, pathOf, dialSignal)
  const admission: ClusterAdmission | null =
    closed &&
    new ClusterAdmission(
      {
        ...closed,
        clusterName: config.clusterName,
        nodeName,
        identity,
        links,
        peerPort: () => peerPort,
        dial,
        onGoneOver: () => goOver(),
        clock,
        random,
        log,
      },
      signal,
    )
  const routes = new RoutedLinks({ links, clock, log }, signal)
  const availableBytes = (): Record<NodeId, number> =>
    Object.fromEntries([...service.samples().values()].map((sample) => [sample.nodeId, sample.availableBytes]))
  let failures: FailureLog = new Map()
  let troubles: TroubleLog = new Map()
  let uses: UseLog = new Map()
  let suspects: SuspectPaths = new Map()
  let loads = NO_LOADS
  let away: AwayLog = new Map()
  let losses: LossLog = new Map()
  let better = NO_BETTER_PATHS
  const service: ClusterService = new ClusterService(
    {
      nodeId,
      links: routes,
      clock,
      log,
      ownReport: dependencies.ownReport,
      ownSample: dependencies.ownSample,
      manage(state, unlinked) {
        const nowMs = clock.now()
        failures = trackFailures(state, failures, nowMs)
        troubles = trackTrouble(state, troubles, nowMs)
        uses = trackUses(state, [...service.samples().values()], uses, nowMs)
        away = trackAway(state, uses, away, nowMs)
        suspects = trackSuspectPaths(state, suspects, nowMs)
        losses = trackLossyNodes(links.peers(), losses, nowMs)
        loads = trackLoads(state, service.samples(), loads, nodeId, nowMs)
        better = trackBetterPaths(withoutSuspects(state, suspects), uses, availableBytes(), better, nowMs)
        const facts = {
          availableBytes: availableBytes(),
          unlinked,
          awaiting: awaiting(away, nowMs),
          suspects,
          stalled: stalledLoads(state, loads, nodeId, nowMs),
          avoided: new Set(loads.idlers.keys()),
          lossy: lossyNodes(losses, links.peers(), nodeId),
          better: better.due,
          failedForMs: failedForMs(failures, nowMs),
          troubledForMs: troubledForMs(troubles, nowMs),
        }
        return [...rdmaLinkEvents(state), ...manageInstances(state, facts)]
      },
    },
    signal,
  )
  const elect = runElection(
    {
      nodeId,
      clock,
      rounds: await openRoundFile(config.dataDir, log, dependencies.disk),
      send: (to, message) => links.sendLossy(to, message),
      onLeader: (leader) => service.setLeader(leader),
    },
    signal,
  )
  goOver = () => elect({ type: 'gone-over' })
  links.onPeer((peer) => {
    elect({ type: 'peer-up', peerId: peer.nodeId })
    log.info('peer joined', { peerId: peer.nodeId, peerName: peer.nodeName, address: peer.address.host })
  })
  links.onPeerLost((peerId, end) => {
    elect({ type: 'peer-down', peerId })
    log.info('peer lost', { peerId, reason: end })
  })
  links.onMessage((from, message) => {
    if (message.type === 'election') elect({ type: 'message', from, message })
  })
  routes.onReached((reachedId) => service.reached(reachedId))
  routes.onMessage((from, message) => service.receive(from, message))
  const command = createLeaderCommands({
    nodeId,
    service,
    links: routes,
    clock,
    log,
    isForming: () => isForming(service.state(), availableBytes()),
    decide: (leaderCommand) => {
      const state = service.state()
      // The node's own load is more current than its last sample.
      const samples = [...service.samples().values()].map((sample) => (sample.nodeId === nodeId ? dependencies.ownSample() : sample))
      uses = trackUses(state, samples, uses, clock.now())
      const room = {
        availableBytes: availableBytes(),
        uses,
        kept: new Set([...keepsOf(samples).values()].flatMap(({ instanceId, keepMs }) => (keepMs === null ? [instanceId] : []))),
        nowMs: clock.now(),
      }
      const decideIn = (place: ClusterState): ReturnType<typeof decideLeaderCommand> =>
        decideLeaderCommand(state, clusterTopology(place, availableBytes()), leaderCommand, InstanceId.parse(random.id('instance')), room)
      const avoided = new Set([...loads.idlers.keys(), ...lossyNodes(losses, links.peers(), nodeId)])
      try {
        return decideIn(withoutNodes(state, avoided))
      } catch (error) {
        if (avoided.size === 0 || !(error instanceof PlacementError)) throw error
        return decideIn(state)
      }
    },
  })

  peerPort = (await links.listen()).port
  const cluster = { clusterName: config.clusterName, needsKey: admissionOf(config) === 'key' }
  const discovery = await startDiscovery({
    announcement: { nodeId, nodeName, ...cluster, peerPort, version, totalBytes },
    mdns: config.mdns,
    broadcast: config.broadcast,
    staticPeers: config.peers,
    readInterfaceAddresses: (): InterfaceAddress[] => readInterfaceAddresses(),
    kindOfInterface: dependencies.kindOfInterface,
    onObservation({ nodeId: seenId, clusterName, host, peerPort: port, source, pathKind }) {
      // Nodes of other clusters announce their cluster: dialling them would only disturb both.
      if (clusterName !== null && clusterName !== config.clusterName) return
      links.dial({ nodeId: seenId, host, port, isStatic: source === 'static', delayMs: dialDelayMs(pathKind) })
    },
    clock,
    random,
    log,
  })
  tellPeers(
    {
      links,
      addressesOf: (peerId) => service.state().nodes[peerId]?.addresses ?? [],
      report: (peer) => discovery.report(peer),
      cluster,
      clock,
    },
    signal,
  )

  return {
    links,
    routes,
    discovery,
    service,
    peerPort,
    admission,
    availableBytes,
    control: {
      state: () => service.state(),
      leaderName: () => {
        const leader = service.leader()
        return leader && (service.state().nodes[leader.nodeId]?.name ?? leader.nodeId)
      },
      onState: (listener, listenerSignal) => service.onState(listener, listenerSignal),
      place: async (card, request, { pinned, reuse }, commandSignal) =>
        (await command({ type: 'place-instance', card, request, pinned, reuse }, commandSignal)).instanceId,
      remove: async (instanceId, reason, commandSignal) => {
        await command({ type: 'delete-instance', instanceId, reason }, commandSignal)
      },
    },
    leave: async () => {
      await discovery.close()
      await links.close()
    },
  }
}
