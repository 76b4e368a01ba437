// Sends many requests of every kind; `npm test -- long` sends a few hundred.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { tokenPrompt } from './fixtures/token-prompt.ts'
import { get, post } from './node/call-api.ts'
import { residentBytesOf } from './node/processes.ts'
import { reportFigure } from './node/report-figure.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'
import { timeTokens } from './node/time-tokens.ts'

const REQUESTS = process.env['EXO_LONG_TESTS'] ? 500 : 40
const AT_ONCE = 16
const LIMIT_MS = REQUESTS <= 100 ? 240_000 : 900_000

type Outcome = 'answered' | 'stopped' | 'cancelled' | 'hung-up' | 'lost'
const KINDS = ['whole', 'streamed', 'stopped', 'cancelled', 'hung-up'] as const

/** Integers from 0 to below `limit`, the same for the same seed. */
function randomIntegers(seed: number): (limit: number) => number {
  let state = seed * 2_654_435_761
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

describe('a node under many requests', () => {
  let node: RunningExo
  let model: string

  useDefaultNode((started) => void ({ node, model } = started))

  async function instanceNow(): Promise<{ running: number; waiting: number; kvBytes: number; prefixCacheBytes: number }> {
    const [
      {
        running,
        waiting,
        shards: [shard],
      },
    ] = Object.values((await get(node.apiUrl, '/state')).body.instances) as [any]
    return { running, waiting, kvBytes: shard.kvBytes, prefixCacheBytes: shard.prefixCacheBytes }
  }
  /** Waits until nothing runs. @returns the memory of the node and its worker, and the part that the prefix cache holds on purpose */
  async function levelAtRest(): Promise<{ heldBytes: number; cachedBytes: number }> {
    await expect.poll(instanceNow, { timeout: 30_000 }).toMatchObject({ running: 0, waiting: 0, kvBytes: 0 })
    await sleep(1_500)
    return { heldBytes: residentBytesOf(node.processId), cachedBytes: (await instanceNow()).prefixCacheBytes }
  }

  async function run(index: number): Promise<Outcome> {
    const below = randomIntegers(index + 1)
    // Some share a prefix with others.
    const prompt = [...tokenPrompt(below(12), below(200)), ...tokenPrompt(1_000 + index, 1 + below(60))]
    const maxTokens = 1 + below(32)
    const body = { model, prompt, max_tokens: maxTokens, temperature: below(2) * 0.9, seed: index, ignore_eos: true }
    switch (KINDS[below(KINDS.length)]) {
      case 'whole': {
        const { status, body: answer } = await post(node.apiUrl, '/v1/completions', body)
        return status === 200 && answer.usage.completion_tokens === maxTokens ? 'answered' : 'lost'
      }
      case 'streamed':
        return (await timeTokens(node.apiUrl, body)).tokenIds.length === maxTokens ? 'answered' : 'lost'
      case 'stopped': {
        const { status, body: answer } = await post(node.apiUrl, '/v1/completions', { ...body, stop: ['e', 'a'] })
        return status === 200 && ['stop', 'length'].includes(answer.choices[0].finish_reason) ? 'stopped' : 'lost'
      }
      case 'cancelled': {
        const requestId = `soak-${index}`
        const answer = fetch(`${node.apiUrl}/v1/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-request-id': requestId },
          body: JSON.stringify({ ...body, max_tokens: 100 }),
        })
        await sleep(below(1_500))
        await post(node.apiUrl, `/v1/cancel/${requestId}`, {})
        const { status } = await answer
        return status === 200 || status === 400 ? 'cancelled' : 'lost'
      }
      default: {
        const leave = new AbortController()
        const leaveAt = 1 + below(20)
        let tokens = 0
        const answer = timeTokens(node.apiUrl, { ...body, max_tokens: 100 }, leave.signal, () => {
          if (++tokens === leaveAt) leave.abort()
        })
        return answer.then(
          () => 'lost',
          () => (tokens >= leaveAt ? 'hung-up' : 'lost'),
        )
      }
    }
  }

  it(`answers ${REQUESTS} of them, loses none, and gives their memory back`, { timeout: LIMIT_MS }, async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(index)))
    const before = await levelAtRest()
    const counts: Record<Outcome, number> = { answered: 0, stopped: 0, cancelled: 0, 'hung-up': 0, lost: 0 }
    const startMs = performance.now()
    let next = 0
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < REQUESTS) counts[await run(100 + next++)] += 1
      }),
    )
    const seconds = (performance.now() - startMs) / 1000
    const after = await levelAtRest()
    const cachedBytes = after.cachedBytes - before.cachedBytes
    const leftBytes = after.heldBytes - before.heldBytes - cachedBytes
    reportFigure(`soak, ${REQUESTS} requests in`, seconds, 's')
    for (const [outcome, count] of Object.entries(counts)) reportFigure(`soak, ${outcome}`, count, 'requests')
    reportFigure('soak, prefix cache grown by', cachedBytes / 1e6, 'MB')
    reportFigure('soak, memory besides it grown by', leftBytes / 1e6, 'MB')
    expect(counts.lost).toBe(0)
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(REQUESTS)
    expect(leftBytes).toBeLessThan(100e6)
  })
})
