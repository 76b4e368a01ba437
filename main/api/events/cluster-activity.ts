import type { Clock } from '../../platform/clock.ts'
import { activityBetween } from '../../shared/activity/activity-between.ts'
import { LoggedActivity } from '../../shared/activity/activity.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import { parseJsonOrNull } from '../../shared/formats/parse-json-or-null.ts'
import type { ClusterPort } from '../api-dependencies.ts'
import type { JournalPort } from '../journal-port.ts'

const MOST_KEPT = 500
/** The journal is rewritten once it has this many outdated lines. */
const MOST_OUTDATED = 500
/** The progress of downloads is no event of the cluster, so running ones are looked at this often. */
const LOOK_MS = 5_000

export interface ClusterActivitySources {
  readonly cluster: Pick<ClusterPort, 'state' | 'onState'>
  readonly timers: Pick<Clock, 'every'>
  /** undefined: the log begins with this process. */
  readonly journal?: JournalPort | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What came and went in the cluster, as far as this node remembers. Its journal keeps it over restarts. */
export class ClusterActivity {
  readonly #sources: ClusterActivitySources
  readonly #ended = new AbortController()
  readonly #entries: LoggedActivity[]
  /** Lines in the journal. */
  #lines: number
  #seen: ClusterView

  constructor(sources: ClusterActivitySources) {
    this.#sources = sources
    const lines = sources.journal?.takeLines() ?? []
    this.#lines = lines.length
    // A line that was cut by a crash, or written by another version, is left out.
    this.#entries = lines.flatMap((line) => LoggedActivity.safeParse(parseJsonOrNull(line)).data ?? []).slice(-MOST_KEPT)
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
    let id = this.#entries.at(-1)?.id ?? 0
    const happened = activityBetween(this.#seen, state).map((activity) => ({ ...activity, id: ++id, atMs: now() }))
    this.#seen = state
    if (happened.length === 0) return
    this.#entries.push(...happened)
    this.#entries.splice(0, this.#entries.length - MOST_KEPT)
    this.#write(happened)
  }

  #write(happened: readonly LoggedActivity[]): void {
    const { journal } = this.#sources
    if (!journal) return
    this.#lines += happened.length
    if (!journal.isBehind && this.#lines <= MOST_KEPT + MOST_OUTDATED) return journal.append(happened.map((entry) => JSON.stringify(entry)))
    this.#lines = this.#entries.length
    journal.rewrite(this.#entries.map((entry) => JSON.stringify(entry)))
  }
}
