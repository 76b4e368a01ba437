import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { tokenPrompt } from './fixtures/token-prompt.ts'
import { get, post } from './node/call-api.ts'
import { reportFigure } from './node/report-figure.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'
import { longestPauseMs, pausesMs, timeTokens, ttftMs } from './node/time-tokens.ts'

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

describe('a node that serves several requests', () => {
  let node: RunningExo
  let model: string

  useDefaultNode(async (started) => {
    ;({ node, model } = started)
    await timeTokens(node.apiUrl, { model, prompt: tokenPrompt(99, 64), max_tokens: 4 })
  })

  const ask = (prompt: number[], rest: Record<string, unknown> = {}) =>
    timeTokens(node.apiUrl, { model, prompt, temperature: 0, ignore_eos: true, max_tokens: 8, ...rest })

  it('answers at once where the beginning of a prompt is known', async () => {
    const first: number[] = []
    const second: number[] = []
    for (const seed of [1, 2]) {
      first.push(ttftMs(await ask([...tokenPrompt(seed, 1_000), 7])))
      const again = await ask([...tokenPrompt(seed, 1_000), 8])
      expect(again.cachedTokens).toBe(960)
      second.push(ttftMs(again))
    }
    reportFigure('TTFT of a 1,001-token prompt', median(first), 'ms')
    reportFigure('TTFT with 1,000 of them known', median(second), 'ms')
    reportFigure('prefix cache, sooner by', median(first) / median(second), 'x')
    expect(median(second)).toBeLessThan(median(first))
  })

  it('tells how many prompt tokens were known, in the usage of a whole answer too', async () => {
    const messages = [{ role: 'user', content: `Count: ${Array.from({ length: 200 }, (_, index) => index).join(' ')}` }]
    await post(node.apiUrl, '/v1/chat/completions', { model, messages, max_tokens: 1 })
    const { body } = await post(node.apiUrl, '/v1/chat/completions', { model, messages, max_tokens: 1 })
    expect(body.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(200)
    const [instance] = Object.values((await get(node.apiUrl, '/state')).body.instances) as [any]
    expect(instance.shards[0].prefixCacheBytes).toBeGreaterThan(0)
  })

  it.each([0, 0.8])('gives the same text alone, in company and from the cache (temperature %f)', async (temperature) => {
    const requests = Array.from(
      { length: 6 },
      (_, index) =>
        [
          [...tokenPrompt(40 + (index % 2), 150), ...tokenPrompt(50 + index, 30 * index)],
          { temperature, seed: index, max_tokens: 24 },
        ] as const,
    )
    const together = await Promise.all(requests.map(([prompt, rest]) => ask([...prompt], rest)))
    for (const [index, [prompt, rest]] of requests.entries()) {
      expect((await ask([...prompt], rest)).tokenIds).toEqual(together[index]?.tokenIds)
    }
  })

  it('does not hold up running answers for a long prompt by more than one chunk', async () => {
    const chunk = await ask(tokenPrompt(70, 512), { max_tokens: 1 })
    const streams = [1, 2, 3].map((seed) => ask(tokenPrompt(60 + seed, 20), { max_tokens: 250, seed }))
    await sleep(1_000)
    const long = await ask(tokenPrompt(71, 2_000), { max_tokens: 1 })
    const answers = await Promise.all(streams)
    const endMs = long.tokenMs[0] ?? NaN
    const pauseMs = Math.max(...answers.map((answer) => longestPauseMs(answer, long.startMs, endMs)))
    /** The time of one step with the streams alone. */
    const stepMs = median(answers.flatMap((answer) => pausesMs(answer, -Infinity, long.startMs)))
    reportFigure('one chunk of 512 tokens alone', ttftMs(chunk), 'ms')
    reportFigure('a 2,000-token prompt beside 3 streams, until its first token', ttftMs(long), 'ms')
    reportFigure('a step of the streams before it', stepMs, 'ms')
    reportFigure('longest pause of the streams meanwhile', pauseMs, 'ms')
    expect(answers.every(({ tokenMs }) => tokenMs.filter((ms) => ms > long.startMs && ms < endMs).length >= 3)).toBe(true)
    // While answers run, a chunk is cut to a quarter of a second; a machine that reads 512 tokens sooner needs no cut.
    expect(pauseMs).toBeLessThan(1.2 * (ttftMs(chunk) + 2 * stepMs))
  })

  it('does not let a short prompt wait for a long one', async () => {
    const long = ask(tokenPrompt(80, 1_500), { max_tokens: 1 })
    await sleep(100)
    const short = await ask(tokenPrompt(81, 40), { max_tokens: 1 })
    const longEndMs = (await long).tokenMs[0] ?? NaN
    reportFigure('TTFT of 40 tokens beside a prompt of 1,500', ttftMs(short), 'ms')
    expect(short.tokenMs[0]).toBeLessThan(longEndMs)
  })

  it('refuses with 429 and Retry-After what its queue cannot take, and answers the rest', async () => {
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, seed) =>
        post(node.apiUrl, '/v1/completions', { model, prompt: tokenPrompt(seed, 8), max_tokens: 24, ignore_eos: true }),
      ),
    )
    const busy = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200).length).toBe(90 - busy.length)
    expect(busy.length).toBeGreaterThan(0)
    for (const { body, headers } of busy) {
      expect(body.error).toMatchObject({ type: 'rate_limit_error', code: 'engine_busy' })
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
  })
})
