import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import type { ClusterRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { NodeIdentity } from '../identity/open-identity.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import type { Links } from '../link/links.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import type { AdmitWindow } from './admit-window.ts'
import type { KnockPath } from '../pairing/knock-path.ts'

/** The stored record of the closed cluster that a node is in. */
export interface ClusterRecordStore {
  current(): ClusterRecord
  /** Updates `current` at once; on disk when this resolves. */
  change(record: ClusterRecord): Promise<void>
  /** A record with only this node, with a new secret. */
  fresh(): ClusterRecord
}

export interface ClusterAdmissionDependencies {
  readonly clusterName: string
  readonly nodeName: string
  readonly identity: Pick<NodeIdentity, 'nodeId'>
  readonly store: ClusterRecordStore
  readonly links: Pick<Links<unknown>, 'peers' | 'onPeer' | 'onRefused' | 'rekey' | 'retryRefused' | 'cut'>
  /** null: it never opens, as in the cluster of a single machine. */
  readonly window: Pick<AdmitWindow, 'isOpen' | 'isAsking' | 'awaitsAnswers' | 'shut' | 'followed' | 'hasFollowedEnough'> | null
  /** The address of this node for other nodes. */
  peerPort(): number
  dial(address: PeerAddress, signal: AbortSignal): Promise<{ readonly channel: PairingChannel; readonly path: KnockPath }>
  onChange(): void
  /** Called when this node has taken the secret of another cluster. */
  onGoneOver(): void
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes' | 'ratio'>
  readonly log: Pick<Log, 'info' | 'warn' | 'error' | 'debug'>
}
