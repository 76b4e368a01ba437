import { answerPeers, askPeer } from '../../cluster/link/streams/ask-peer.ts'
import type { Links } from '../../cluster/link/links.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { Log } from '../../platform/log/log.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { RankStep, RankSteps } from '../../shared/rank-steps.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import { MOST_RANK_STEPS, type PeerRequest } from '../../shared/wire/peer/peer-streams.ts'
import type { ShardHost } from './shard-host.ts'

type Question = PeerRequest<'rank-steps'>

export interface RankStepsDependencies {
  readonly nodeId: NodeId
  readonly shards: Pick<ShardHost, 'ready'>
  readonly links: Pick<Links<PeerMessage>, 'openStream' | 'handleStream'>
  nodeName(nodeId: NodeId): string
  /** The offsets of the other nodes' clocks from this one's. */
  clockSkewMs(): ReadonlyMap<NodeId, number>
  readonly log: Pick<Log, 'warn'>
}

/** Collects the step times of the ranks of an instance, in this node's time. */
export function createRankSteps({ nodeId, shards, links, nodeName, clockSkewMs, log }: RankStepsDependencies) {
  answerPeers(links, 'rank-steps', stepsHere)

  async function stepsHere({ instanceId, sinceEpochMs, untilEpochMs }: Question): Promise<RankStep[]> {
    const steps = (await shards.ready(instanceId)?.worker.steps()) ?? []
    return steps
      .filter(({ beginEpochMs, endEpochMs }) => endEpochMs >= sinceEpochMs && beginEpochMs <= untilEpochMs)
      .slice(-MOST_RANK_STEPS)
  }

  async function stepsOf(owner: NodeId, question: Question): Promise<RankStep[]> {
    if (owner === nodeId) return stepsHere(question)
    const skewMs = clockSkewMs().get(owner) ?? 0
    const asked = { ...question, sinceEpochMs: question.sinceEpochMs + skewMs, untilEpochMs: question.untilEpochMs + skewMs }
    const steps = await askPeer(links, owner, 'rank-steps', asked)
    return steps.map((step) => ({ ...step, beginEpochMs: step.beginEpochMs - skewMs, endEpochMs: step.endEpochMs - skewMs }))
  }

  /** The steps of every rank that answers. */
  return async ({ instanceId, placement }: InstanceState, sinceEpochMs: number, untilEpochMs: number): Promise<RankSteps[]> => {
    const ranks = await Promise.all(
      placement.shards.map(async ({ nodeId: owner, rank }) => {
        const steps = await stepsOf(owner, { instanceId, sinceEpochMs, untilEpochMs }).catch((error: unknown) => {
          log.warn('a rank did not report its steps', { instanceId, rank, error })
          return null
        })
        return steps && { rank, nodeName: nodeName(owner), steps }
      }),
    )
    return ranks.filter((rank) => rank !== null)
  }
}
