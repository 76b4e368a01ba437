import { join } from 'node:path'
import { placedRecord } from '../../domain/instance/placed-record.ts'
import type { History } from '../../history/history.ts'
import { openHistory } from '../../history/open-history.ts'
import { LineJournal } from '../../platform/files/line-journal.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import { readOtlpSettings } from '../../metrics/otlp/otlp-settings.ts'
import { type OtlpDependencies, startOtlp } from '../../metrics/otlp/start-otlp.ts'
import { createRouter } from '../../router/create-router.ts'
import type { Router } from '../../router/router.ts'
import type { InferenceRecord } from '../../shared/inference/inference-record.ts'
import type { NodeId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'
import { createNodeMetrics } from '../api/node-metrics.ts'
import { createRequestTraces } from '../api/request-traces.ts'
import type { ClusterMembership } from '../member/cluster-membership.ts'
import type { CurrentMember } from '../member/current-member.ts'
import type { FirstTokenTimes } from '../shards/first-token-times.ts'
import { settledInstances } from '../shards/settled-instances.ts'
import type { NodeLife } from './node-life.ts'
import type { NodeSurroundings } from './node-surroundings.ts'
import type { NodeModels } from './open-models.ts'

/** How long a stopping node waits for a collector. */
const OTLP_FLUSH_MS = 2_000

export interface AnsweringParts {
  readonly nodeId: NodeId
  readonly membership: Pick<ClusterMembership, 'member'>
  readonly current: CurrentMember
  readonly modelSettings: NodeModels['settings']
  readonly firstTokens: FirstTokenTimes
}

/** The router that answers requests, and the records of them. */
export interface Answering {
  readonly router: Router
  readonly history: History
  readonly responseJournal: LineJournal
  readonly conversationJournal: LineJournal
  readonly activityJournal: LineJournal
  readonly metrics: Metrics
  readonly traces: ReturnType<typeof createRequestTraces>['traces']
}

export async function startAnswering(
  { config, host, clock, random, log }: NodeSurroundings,
  { nodeId, membership, current, modelSettings, firstTokens }: AnsweringParts,
  life: NodeLife,
): Promise<Answering> {
  const { control, models, instances, drafts } = current
  const history = await openHistory(
    {
      dir: join(config.dataDir, 'history'),
      nodeId,
      extensionFile: host.ducklakeFile,
      entry: host.historyEntry,
      processId: process.pid,
      // This node owns its data folder. In a container, every start has the same process id.
      isGone: () => true,
    },
    { spawn: host.spawn, clock, random, log },
  )
  life.onStop(() => history.stop())
  const openJournal = async (name: string, content: string): Promise<LineJournal> => {
    const onTrouble = (error: unknown): void => log.warn(`${content} may be lost at the next start`, { error })
    const journal = await LineJournal.open(join(config.dataDir, name), onTrouble)
    life.onStop(() => journal.settled())
    return journal
  }
  const responseJournal = await openJournal('responses.jsonl', 'stored responses')
  const conversationJournal = await openJournal('conversations.jsonl', 'stored conversations')
  const activityJournal = await openJournal('activity.jsonl', 'the activity log')
  const { observe, traces } = createRequestTraces({
    clock,
    state: () => control.state(),
    rankSteps: (...asked) => membership.member().rankSteps(...asked),
  })
  const onEnd: ((record: InferenceRecord) => void)[] = []
  const router = createRouter({
    models,
    instances: settledInstances(instances, (modelId) => modelSettings.of(modelId)),
    drafts,
    clock,
    random,
    log,
    observe,
    onInferenceEnd: (record) => onEnd.forEach((listener) => listener(record)),
    onFirstToken: (...told) => firstTokens.note(...told),
  })
  const startedAtEpochMs = clock.epochMs()
  const metrics = createNodeMetrics({ nodeId, member: () => membership.member(), control, router, history, startedAtEpochMs }, life.signal)
  const otlpSettings = readOtlpSettings(process.env, config.otlpEndpoint)
  const otlp = otlpSettings && startOtlp(otlpSettings, otlpDependencies(), life.signal)
  if (otlp) life.onStop(() => otlp.flush(OTLP_FLUSH_MS))
  onEnd.push(
    (record) => history.append(placedRecord(record, control.state())),
    (record) => otlp?.noteInference(placedRecord(record, control.state())),
    (record) => metrics.countInference(record),
    ({ requestId, modelId, instanceId, finishReasons, errorCode, usage, timings, resumes }) =>
      log.debug('inference ended', { requestId, modelId, instanceId, finishReasons, errorCode, ...usage, ...timings, resumes }),
  )
  return { router, history, responseJournal, conversationJournal, activityJournal, metrics, traces }

  function otlpDependencies(): OtlpDependencies {
    return {
      post: fetch,
      clock,
      random,
      log,
      nodeId,
      nodeName: membership.member().view().nodes[nodeId]?.name ?? nodeId,
      version,
      startedAtEpochMs,
      collect: () => metrics.collect(),
    }
  }
}
