import { downloadsOf } from '../../domain/cluster/own-words.ts'
import type { Clock } from '../../platform/clock.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { InstanceKeep, NodeSample } from '../../shared/wire/peer/node-report.ts'

/** Sampling interval, in ticks of the service. */
const SAMPLE_TICKS = 10
/** Sampling interval of an idle node. */
const IDLE_SAMPLE_TICKS = 30

/** The latest sample of each node, including this one, and the difference of its clock from this node's. */
export class NodeSamples {
  readonly #clock: Pick<Clock, 'epochMs'>
  readonly #samples = new Map<NodeId, NodeSample>()
  readonly #clockSkewMs = new Map<NodeId, number>()
  /** The end of activity is reported at once. */
  #wasBusy = true

  constructor(clock: Pick<Clock, 'epochMs'>) {
    this.#clock = clock
  }

  all(): ReadonlyMap<NodeId, NodeSample> {
    return this.#samples
  }

  clockSkewMs(): ReadonlyMap<NodeId, number> {
    return this.#clockSkewMs
  }

  receive(from: NodeId, sample: NodeSample): void {
    if (sample.nodeId !== from) return
    const skewMs = sample.epochMs - this.#clock.epochMs()
    const keeps = sample.keeps && { keeps: sample.keeps.map((keep) => byOwnClock(keep, sample, skewMs)) }
    this.#samples.set(from, { ...sample, downloads: downloadsOf(sample), ...keeps })
    this.#clockSkewMs.set(from, skewMs)
  }

  forget(nodeId: NodeId): void {
    this.#samples.delete(nodeId)
    this.#clockSkewMs.delete(nodeId)
  }

  /** Takes this node's sample when it is due. An idle node sends it to the others less often. */
  tick(ticks: number, ownSample: () => NodeSample, broadcast: (sample: NodeSample) => void): void {
    if (ticks % SAMPLE_TICKS !== 0) return
    const sample = ownSample()
    this.#samples.set(sample.nodeId, sample)
    const isBusy = sample.downloads.length > 0 || sample.rates.some(({ running, waiting }) => running + waiting > 0)
    if (isBusy || this.#wasBusy || ticks % IDLE_SAMPLE_TICKS === 0) broadcast(sample)
    this.#wasBusy = isBusy
  }
}

/** The latest request of any node counts, so none is later than the moment in which its sample arrived. */
function byOwnClock(keep: InstanceKeep, { epochMs }: NodeSample, skewMs: number): InstanceKeep {
  return { ...keep, atEpochMs: Math.min(keep.atEpochMs, epochMs) - skewMs }
}
