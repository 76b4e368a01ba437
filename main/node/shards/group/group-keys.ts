import { hkdfSync } from 'node:crypto'
import { answerPeers, askPeer } from '../../../cluster/link/streams/ask-peer.ts'
import type { RoutedLinks } from '../../../cluster/routed-links.ts'
import type { InstanceState } from '../../../domain/cluster/cluster-state.ts'
import { ringNeighbours } from '../../../domain/launch/ring-place.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Log } from '../../../platform/log/log.ts'
import type { Random } from '../../../platform/random.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { InstanceId, NodeId } from '../../../shared/ids.ts'
import type { PeerAnswer } from '../../../shared/wire/peer/peer-streams.ts'
import type { ShardAssignment } from './shard-assignment.ts'

const ASK_AGAIN_MS = 250
const ATTEMPTS = 20
const SECRET_BYTES = 32
const KEY_BYTES = 32

/** The keys of the connections from the previous rank and to the next rank. */
export type RingKeys = PeerAnswer<'group-keys'>

export interface GroupKeysDependencies {
  readonly nodeId: NodeId
  readonly routes: Pick<RoutedLinks, 'openStream' | 'handleStream'>
  /** Directly linked nodes, whose identity is proven. */
  linked(): readonly { readonly nodeId: NodeId }[]
  instance(instanceId: InstanceId): InstanceState | undefined
  readonly random: Pick<Random, 'bytes'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Pick<Log, 'debug' | 'warn'>
}

/**
 * The keys with which the ranks of a ring authenticate each other. Rank 0's node draws a secret for each epoch of a
 * group and sends every other rank's node the keys of its own two connections over the links.
 */
export class GroupKeys {
  readonly #dependencies: GroupKeysDependencies
  /** The groups whose rank 0 is on this node; a new epoch replaces the previous one. */
  readonly #secrets = new Map<InstanceId, { readonly epoch: number; readonly secret: Uint8Array }>()

  constructor(dependencies: GroupKeysDependencies) {
    this.#dependencies = dependencies
    const { routes, log } = dependencies
    answerPeers(routes, 'group-keys', ({ instanceId, epoch, rank }, stream) => {
      const instance = dependencies.instance(instanceId)
      const owner = instance?.placement.shards[rank]?.nodeId
      const isRelayed = !dependencies.linked().some(({ nodeId }) => nodeId === owner)
      if (!instance || instance.epoch !== epoch || owner === undefined || !(stream.nodeId === owner || isRelayed)) {
        log.warn('a node requested the keys of a group that it is not in', { from: stream.nodeId, instanceId, epoch, rank })
        throw new AppError('no-such-group', 'The instance does not have that rank.')
      }
      return this.#keys(instance, rank)
    })
  }

  /** @throws AppError if rank 0's node does not send them */
  async of({ instance, shard }: Pick<ShardAssignment, 'instance' | 'shard'>, signal: AbortSignal): Promise<RingKeys> {
    const rankZero = instance.placement.shards[0]?.nodeId
    if (rankZero === undefined || rankZero === this.#dependencies.nodeId) return this.#keys(instance, shard.rank)
    const { routes, clock, log } = this.#dependencies
    const question = { instanceId: instance.instanceId, epoch: instance.epoch, rank: shard.rank }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await askPeer(routes, rankZero, 'group-keys', question, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (attempt === ATTEMPTS)
          throw new AppError(
            'group-failed',
            `Rank 0's node did not send the keys of this group's connections. The model is loaded again.`,
            question,
            error,
          )
        log.debug('the keys of a group did not arrive', { ...question, error })
        await clock.sleep(ASK_AGAIN_MS, signal)
      }
    }
  }

  /** Forgets the secrets of removed instances. */
  keepOnly(isThere: (instanceId: InstanceId) => boolean): void {
    for (const instanceId of this.#secrets.keys()) if (!isThere(instanceId)) this.#secrets.delete(instanceId)
  }

  #keys(instance: InstanceState, rank: number): RingKeys {
    const { instanceId, epoch, placement } = instance
    const { before, after } = ringNeighbours(rank, placement.shards.length)
    const secret = this.#secretOf(instance)
    const key = (from: number, to: number): string =>
      Buffer.from(hkdfSync('sha256', secret, '', JSON.stringify(['exo ring', instanceId, epoch, from, to]), KEY_BYTES)).toString('hex')
    return { before: key(before, rank), after: key(rank, after) }
  }

  #secretOf({ instanceId, epoch }: InstanceState): Uint8Array {
    const known = this.#secrets.get(instanceId)
    if (known?.epoch === epoch) return known.secret
    const secret = this.#dependencies.random.bytes(SECRET_BYTES)
    this.#secrets.set(instanceId, { epoch, secret })
    return secret
  }
}
