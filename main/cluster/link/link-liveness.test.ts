import { describe, expect, it } from 'vitest'
import { LinkLiveness, TICK_MS } from './link-liveness.ts'

/** Checks at each tick up to `endMs`; `bytesAt` gives the bytes received by TCP, `heardAt` the times of datagrams. */
function lostAfterMs(
  endMs: number,
  bytesAt: (nowMs: number) => number,
  heardAt: (nowMs: number) => boolean,
  movedAtMs?: number,
  answeredAtMs?: number,
): number | null {
  const liveness = new LinkLiveness(0)
  for (let nowMs = TICK_MS; nowMs <= endMs; nowMs += TICK_MS) {
    if (nowMs === movedAtMs) liveness.move(nowMs)
    if (nowMs === answeredAtMs) liveness.answer(nowMs - 50)
    if (heardAt(nowMs)) liveness.hear(nowMs)
    if (liveness.look(nowMs, bytesAt(nowMs)) !== null) return nowMs
  }
  return null
}

describe('LinkLiveness', () => {
  const never = (): boolean => false
  const always = (): boolean => true

  it('loses a peer after three silent seconds', () =>
    expect(
      lostAfterMs(
        10_000,
        () => 0,
        (nowMs) => nowMs <= 5000,
      ),
    ).toBe(8100))
  it('C2: gives one without heartbeats, whose TCP its JavaScript answers, twelve seconds', () =>
    expect(lostAfterMs(30_000, () => 0, never)).toBe(12_100))
  it('keeps one whose TCP brings something every 2.5 s', () =>
    expect(
      lostAfterMs(
        60_000,
        (nowMs) => Math.floor(nowMs / 2500),
        (nowMs) => nowMs <= 5000,
      ),
    ).toBeNull())
  it('keeps one that is heard by datagram while TCP stands still for 29 s', () => {
    expect(lostAfterMs(60_000, (nowMs) => Math.floor(nowMs / 29_000), always)).toBeNull()
  })
  it('does not lose anybody because this process was suspended for ten minutes, and loses who stays silent afterwards', () => {
    const liveness = new LinkLiveness(0)
    liveness.hear(0)
    expect([liveness.look(100, 0), liveness.look(600_100, 0), liveness.look(600_200, 0)]).toEqual([null, null, null])
    let lostMs = 600_200
    while (liveness.look(lostMs, 0) === null) lostMs += TICK_MS
    expect(lostMs).toBe(603_200)
  })
  it('loses a peer whose TCP connection is gone, even if its datagrams arrive', () =>
    expect(lostAfterMs(60_000, () => 0, always)).toBe(30_100))
  const flowing = (nowMs: number): number => nowMs
  it('is quicker when the peer has moved and its TCP does not answer, though it still brings something', () => {
    expect(lostAfterMs(60_000, flowing, always, 5000)).toBe(11_100)
  })
  it('forgives a move that TCP outlives', () => expect(lostAfterMs(60_000, flowing, always, 5000, 6000)).toBeNull())
  it('takes no answer from before the move', () => expect(lostAfterMs(60_000, flowing, always, 5000, 5000)).toBe(11_100))
  it.each([
    ['TCP brings nothing while every heartbeat is answered: the path loses large packets', 5_100, () => true, () => false],
    ['the peer is too busy to answer itself', 30_100, () => false, () => false],
    ['datagrams are lost too, so that TCP may only be slow', 30_100, () => true, (nowMs: number) => nowMs % 3_000 === 0],
  ])('F7: %s', (_, expectedMs, isAnswered, isMissed) => {
    const liveness = new LinkLiveness(0)
    liveness.answerHeartbeat(0)
    let lostMs: number | null = null
    for (let nowMs = TICK_MS; nowMs <= 60_000 && lostMs === null; nowMs += TICK_MS) {
      liveness.hear(nowMs)
      if (isMissed(nowMs)) liveness.missDatagram()
      if (nowMs % 1_000 === 0 && isAnswered()) liveness.answerHeartbeat(nowMs)
      if (liveness.look(nowMs, 0) !== null) lostMs = nowMs
    }
    expect(lostMs).toBe(expectedMs)
  })
  it.each([
    [true, 1800],
    [false, 7200],
  ])('F5: calls a peer quiet before it is lost; with heartbeats: %s', (hasHeartbeats, quietMs) => {
    const liveness = new LinkLiveness(0)
    if (hasHeartbeats) liveness.hear(0)
    const isQuietAt = (nowMs: number): boolean => {
      for (let atMs = TICK_MS; atMs <= nowMs; atMs += TICK_MS) liveness.look(atMs, 0)
      return liveness.isQuiet
    }
    expect([isQuietAt(quietMs), isQuietAt(quietMs + TICK_MS)]).toEqual([false, true])
    liveness.hear(quietMs + TICK_MS)
    expect(liveness.isQuiet).toBe(false)
  })
  it('asks TCP more often when it has been quiet for long', () => {
    const liveness = new LinkLiveness(0)
    const isInDoubtAfter = (fromMs: number, toMs: number, tcpBytes: number): boolean => {
      for (let nowMs = fromMs; nowMs <= toMs; nowMs += TICK_MS) liveness.look(nowMs, tcpBytes)
      return liveness.isTcpInDoubt
    }
    expect([isInDoubtAfter(100, 3000, 0), isInDoubtAfter(3100, 3100, 0), isInDoubtAfter(3200, 3200, 1)]).toEqual([false, true, false])
  })
  it('does not blame the peer when this process stood still', () => {
    const liveness = new LinkLiveness(0)
    expect([liveness.look(100, 0), liveness.look(60_000, 0), liveness.look(60_100, 0)]).toEqual([null, null, null])
  })
})
