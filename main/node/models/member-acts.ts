import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import { keepLatest } from '../../shared/keep-latest.ts'

/** Downloads that one member may have running or waiting on this node, besides those of models that are placed here. */
export const MOST_STARTED = 8
/** A person pauses and resumes now and then; a program that does it all the time keeps a model from coming. */
const MOST_ACTS = 20
const ACTS_WITHIN_MS = 60_000
const MOST_MEMBERS = 1024

interface Member {
  readonly started: readonly string[]
  /** Starts that have no download yet. */
  readonly starting: number
  /** When it acted, oldest first. */
  readonly actsAtMs: readonly number[]
}

const NOTHING: Member = { started: [], starting: 0, actsAtMs: [] }

/** What the other members of the cluster do with the downloads of this node. Times are parameters, in milliseconds of one clock. */
export class MemberActs {
  readonly #members = new Map<NodeId, Member>()
  readonly #isRunning: (id: string) => boolean

  /** @param isRunning - whether a download has not ended */
  constructor(isRunning: (id: string) => boolean) {
    this.#isRunning = isRunning
  }

  /** @throws AppError `too-many-downloads`, and the errors of `start` */
  async start<Started extends { readonly download: { readonly id: string } | null }>(
    member: NodeId,
    start: () => Promise<Started>,
  ): Promise<Started> {
    const { started, starting } = this.#of(member)
    if (started.length + starting >= MOST_STARTED)
      throw new AppError(
        'too-many-downloads',
        `This machine has started ${MOST_STARTED} downloads on that one. Cancel some of them first, or start more of them there.`,
      )
    this.#change(member, { starting: starting + 1 })
    let id: string | undefined
    try {
      const answer = await start()
      id = answer.download?.id
      return answer
    } finally {
      const now = this.#of(member)
      const others = now.started.filter((known) => known !== id)
      this.#change(member, { starting: Math.max(0, now.starting - 1), started: id === undefined ? others : [...others, id] })
    }
  }

  /** @throws AppError `too-many-downloads` */
  admitAct(member: NodeId, nowMs: number): void {
    const { actsAtMs } = this.#of(member)
    const recent = actsAtMs.filter((atMs) => nowMs - atMs < ACTS_WITHIN_MS)
    if (recent.length >= MOST_ACTS)
      throw new AppError(
        'too-many-downloads',
        `This machine has paused, resumed or cancelled downloads of that one ${MOST_ACTS} times within a minute. Try again in a minute.`,
        { retryAfterMs: ACTS_WITHIN_MS },
      )
    this.#change(member, { actsAtMs: [...recent, nowMs] })
  }

  #of(member: NodeId): Member {
    const known = this.#members.get(member) ?? NOTHING
    return { ...known, started: known.started.filter(this.#isRunning) }
  }

  #change(member: NodeId, change: Partial<Member>): void {
    const changed = { ...this.#of(member), ...change }
    this.#members.delete(member)
    this.#members.set(member, changed)
    keepLatest(this.#members, MOST_MEMBERS)
  }
}
