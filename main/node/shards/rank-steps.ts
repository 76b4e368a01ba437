import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { z } from 'zod'
import { receiveJson, requestJson, sendJson } from '../../cluster/link/streams/json-stream.ts'
import type { Links } from '../../cluster/link/links.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { Log } from '../../platform/log/log.ts'
import { InstanceId, type NodeId } from '../../shared/ids.ts'
import { RankStep, type RankSteps } from '../../shared/rank-steps.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import type { ShardHost } from './shard-host.ts'

const STREAM_KIND = 'rank-steps'
const ASK_LIMIT_MS = 5_000
/** What fits one chunk of a link. */
const MOST_STEPS = 1_024

const Question = z.strictObject({ instanceId: InstanceId, sinceEpochMs: z.number(), untilEpochMs: z.number() })
type Question = z.infer<typeof Question>

export interface RankStepsDependencies {
  readonly nodeId: NodeId
  readonly shards: Pick<ShardHost, 'ready'>
  readonly links: Pick<Links<PeerMessage>, 'openStream' | 'handleStream'>
  nodeName(nodeId: NodeId): string
  /** How far the clocks of the others are before this node's. */
  clockSkewMs(): ReadonlyMap<NodeId, number>
  readonly log: Pick<Log, 'warn'>
}

/** Collects when the ranks of an instance did their steps, in this node's time. */
export function createRankSteps({ nodeId, shards, links, nodeName, clockSkewMs, log }: RankStepsDependencies) {
  links.handleStream(STREAM_KIND, async (stream) => {
    await sendJson(stream, await stepsHere(parseSaid(Question, stream.header)))
    await receiveJson(stream, z.null())
  })

  async function stepsHere({ instanceId, sinceEpochMs, untilEpochMs }: Question): Promise<RankStep[]> {
    const steps = (await shards.ready(instanceId)?.worker.steps()) ?? []
    return steps.filter(({ beginEpochMs, endEpochMs }) => endEpochMs >= sinceEpochMs && beginEpochMs <= untilEpochMs).slice(-MOST_STEPS)
  }

  async function stepsOf(owner: NodeId, question: Question): Promise<RankStep[]> {
    if (owner === nodeId) return stepsHere(question)
    const skewMs = clockSkewMs().get(owner) ?? 0
    const asked = { ...question, sinceEpochMs: question.sinceEpochMs + skewMs, untilEpochMs: question.untilEpochMs + skewMs }
    const steps = await requestJson(
      links.openStream(owner, STREAM_KIND, asked, AbortSignal.timeout(ASK_LIMIT_MS)),
      z.array(RankStep).max(MOST_STEPS),
    )
    return steps.map((step) => ({ ...step, beginEpochMs: step.beginEpochMs - skewMs, endEpochMs: step.endEpochMs - skewMs }))
  }

  /** Of every rank that answers. */
  return async ({ instanceId, placement }: InstanceState, sinceEpochMs: number, untilEpochMs: number): Promise<RankSteps[]> => {
    const ranks = await Promise.all(
      placement.shards.map(async ({ nodeId: owner, rank }) => {
        const steps = await stepsOf(owner, { instanceId, sinceEpochMs, untilEpochMs }).catch((error: unknown) => {
          log.warn('a rank does not tell its steps', { instanceId, rank, error })
          return null
        })
        return steps && { rank, nodeName: nodeName(owner), steps }
      }),
    )
    return ranks.filter((rank) => rank !== null)
  }
}
