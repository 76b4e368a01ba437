import type { Clock } from '../../platform/clock.ts'
import { activityBetween } from '../../shared/activity/activity-between.ts'
import type { LoggedActivity } from '../../shared/activity/activity.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { ClusterPort } from '../api-dependencies.ts'

const MOST_KEPT = 500
/** The progress of downloads is no event of the cluster, so running ones are looked at this often. */
const LOOK_MS = 5_000

export interface ClusterActivitySources {
  readonly cluster: Pick<ClusterPort, 'state' | 'onState'>
  readonly timers: Pick<Clock, 'every'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What came and went in the cluster since this node started, as far as it remembers. */
export class ClusterActivity {
  readonly #sources: ClusterActivitySources
  readonly #ended = new AbortController()
  readonly #entries: LoggedActivity[] = []
  #seen: ClusterView
  #lastId = 0

  constructor(sources: ClusterActivitySources) {
    this.#sources = sources
    this.#seen = sources.cluster.state()
    sources.cluster.onState(() => this.#look(), this.#ended.signal)
    const lookAtDownloads = (): void => {
      if (this.#seen.downloads.some(({ status }) => status === 'running')) this.#look()
    }
    sources.timers.every(LOOK_MS, lookAtDownloads, this.#ended.signal)
  }

  /** The newest first. */
  list(): LoggedActivity[] {
    this.#look()
    return this.#entries.toReversed()
  }

  close(): void {
    this.#ended.abort()
  }

  #look(): void {
    const { cluster, now } = this.#sources
    const state = cluster.state()
    for (const activity of activityBetween(this.#seen, state)) this.#entries.push({ ...activity, id: ++this.#lastId, atMs: now() })
    this.#entries.splice(0, this.#entries.length - MOST_KEPT)
    this.#seen = state
  }
}
