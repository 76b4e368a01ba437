import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judgePathWidth } from '../../cluster/judge-path-width.ts'
import { LinkLiveness, SLOW_PING_MS, TICK_MS } from '../../cluster/link/link-liveness.ts'
import { retryDelayMs } from '../../domain/instance/retry-delay.ts'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'

/** Loads the default model on a busy machine, and everything that no clock of this test counts. */
const LOAD_MS = 3_000
/** Polls of the ring's sockets, the first retransmission, and the report of the failed shard. */
const REPORT_MS = 1_000
const MOST_MS = 15_000

const ringHeader = join(import.meta.dirname, '../../../native/engine/parallel/seal/resending.h')

/** From the first lost packet to the end of the ring's ranks. */
function ringMs(): number {
  const [, seconds] = /kAcknowledgeLimit = std::chrono::seconds\((\d+)\)/.exec(readFileSync(ringHeader, 'utf8')) ?? []
  return Number(seconds) * 1_000 + REPORT_MS
}

/** From the doubt about a path to its verdict, where small packets pass and large ones do not. */
async function verdictMs(): Promise<number> {
  const clock = new ManualClock()
  const never = new AbortController().signal
  let judgedMs = Number.POSITIVE_INFINITY
  void judgePathWidth({ exchangeLarge: () => new Promise(() => undefined), exchangeSmall: () => Promise.resolve(true) }, clock, never).then(
    () => (judgedMs = clock.now()),
  )
  await clock.advance(60_000)
  return judgedMs
}

/** From the first large message that is lost on a link to the end of the link, with heartbeats answered every second. */
function linkMs(): number {
  const liveness = new LinkLiveness(0)
  liveness.answerHeartbeat(0)
  for (let nowMs = TICK_MS; nowMs <= 60_000; nowMs += TICK_MS) {
    liveness.hear(nowMs)
    if (nowMs % 1_000 === 0) liveness.answerHeartbeat(nowMs)
    if (liveness.look(nowMs, Math.min(1, Math.floor(nowMs / SLOW_PING_MS))) !== null) return nowMs - SLOW_PING_MS
  }
  return Number.POSITIVE_INFINITY
}

const watchFile = join(import.meta.dirname, '../../worker/supervisor/supervised-worker.ts')

/** From the first lost packet to the doubt about the path: the limit, a heartbeat, and a look at it. */
function doubtMs(): number {
  const [, ms] = /STANDSTILL_MS = ([\d_]+)/.exec(readFileSync(watchFile, 'utf8')) ?? []
  return Number(ms?.replaceAll('_', '')) + 1_000 + 500
}

describe('F7: large packets are lost everywhere', () => {
  it('and the verdict about the path is there in seven seconds, and not only after the ring has given up', async () => {
    expect(doubtMs() + (await verdictMs())).toBeLessThanOrEqual(7_000)
  })

  it('and the answer goes on elsewhere in 15 seconds, however its waits follow one another', async () => {
    const [ring, verdict, link] = [ringMs(), await verdictMs(), linkMs()]
    expect(ring + Math.max(verdict, link) + retryDelayMs(0) + LOAD_MS).toBeLessThanOrEqual(MOST_MS)
  })
})
