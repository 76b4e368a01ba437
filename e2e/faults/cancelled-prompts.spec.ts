import { describe, expect, it } from 'vitest'
import { tokenPrompt } from '../fixtures/token-prompt.ts'
import { get, post, stream } from '../node/call-api.ts'
import { useDefaultNode } from '../node/use-default-node.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

/** More answers than fit in one batch. */
const BUSY = 8
const PROMPT_TOKENS = 400

describe('prompts of clients that have left', () => {
  let node: RunningExo
  let model: string

  useDefaultNode((started) => void ({ node, model } = started))

  const body = (prompt: unknown, rest: object = {}) => ({ model, prompt, temperature: 0, max_tokens: 1, ...rest })
  /** The number of cached tokens of a prompt: 0 if it was never read. */
  const knownTokens = async (prompt: number[]): Promise<number> => {
    const answer = await post(node.apiUrl, '/v1/completions', body(prompt))
    expect(answer.status).toBe(200)
    return answer.body.usage.prompt_tokens_details.cached_tokens
  }

  it('G03 are not read where they left while they waited', { timeout: 300_000 }, async () => {
    const ends = new AbortController()
    const busy = Array.from({ length: BUSY }, (_, index) =>
      stream(
        node.apiUrl,
        '/v1/completions',
        body(tokenPrompt(index, 8), { max_tokens: 4_000, ignore_eos: true, stream: true }),
        ends.signal,
      ),
    )
    // Each has its place once it has produced a token.
    await Promise.all(busy.map((answer) => answer.next()))
    const leaves = new AbortController()
    const prompts = Array.from({ length: 6 }, (_, index) => tokenPrompt(100 + index, PROMPT_TOKENS))
    const waiting = prompts.map((prompt) =>
      fetch(`${node.apiUrl}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body(prompt)),
        signal: leaves.signal,
      }).then(
        () => 'answered',
        () => 'left',
      ),
    )
    await expect.poll(async () => (await post(node.apiUrl, '/tokenize', { model, prompt: 'x' })).status, { timeout: 30_000 }).toBe(200)
    leaves.abort()
    expect(await Promise.all(waiting)).toEqual(prompts.map(() => 'left'))
    ends.abort()
    await Promise.allSettled(busy.map((answer) => answer.return(undefined)))
    for (const prompt of prompts) expect(await knownTokens(prompt)).toBe(0)
    // A prompt that was read is cached, so the measurement works.
    expect(await knownTokens(prompts[0] ?? [])).toBeGreaterThan(PROMPT_TOKENS / 2)
  })

  it('G02 do not delay a request that follows at once, ten times, streamed or not', { timeout: 300_000 }, async () => {
    for (let round = 0; round < 10; round++) {
      const prompt = tokenPrompt(200 + round, 6_000)
      const left = fetch(`${node.apiUrl}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body(prompt, { stream: round % 2 === 0 })),
        signal: AbortSignal.timeout(200),
      }).then((answer) => answer.text())
      await expect(left).rejects.toMatchObject({ name: 'TimeoutError' })
      const short = await post(node.apiUrl, '/v1/completions', body('The', { max_tokens: 2 }))
      expect([short.status, short.body.choices.length]).toEqual([200, 1])
      // If answers piled up, each of ten would wait for all earlier ones.
      expect(short.body.timings.queue_ms).toBeLessThan(10_000)
    }
  })
})

describe('G02 a model that is loading', () => {
  it('is loaded once for clients that leave, and answers the one that stays', { timeout: 300_000 }, async () => {
    const node = await startExo({ timeoutMs: 200_000 })
    try {
      const { models } = (await get(node.apiUrl, '/v1/models')).body as { models: { slug: string }[] }
      const model = models[0]!.slug
      const loaded = async (): Promise<string[]> => Object.keys((await get(node.apiUrl, '/state')).body.instances)
      for (const id of await loaded()) expect((await fetch(`${node.apiUrl}/instance/${id}`, { method: 'DELETE' })).status).toBeLessThan(300)
      await expect.poll(loaded, { timeout: 60_000 }).toEqual([])
      const body = { model, prompt: 'The', max_tokens: 2, temperature: 0 }
      for (let turn = 0; turn < 5; turn += 1) {
        const leaves = new AbortController()
        const left = fetch(`${node.apiUrl}/v1/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: leaves.signal,
        }).catch(() => null)
        await new Promise((resolve) => setTimeout(resolve, 20))
        leaves.abort()
        await left
      }
      expect((await post(node.apiUrl, '/v1/completions', body)).status).toBe(200)
      expect(await loaded()).toHaveLength(1)
    } finally {
      await node.stop()
    }
  })
})
