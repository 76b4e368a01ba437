import { describe, expect, it } from 'vitest'
import { TrifurcatedAnswer, TrifurcatedEvent } from '../main/shared/wire/api/trifurcated.ts'
import { get, post, stream } from './node/call-api.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

const PATH = '/v1/trifurcated'

describe('trifurcated inference on one node', () => {
  let node: RunningExo
  let model: string
  const messages = [{ role: 'user', content: 'What is the capital of France?' }]

  useDefaultNode((started) => void ({ node, model } = started))

  it('answers as an ordinary request with the same seed does, drafts and judges, and says that all share the node', async () => {
    const settings = { model, messages, seed: 42, temperature: 0.8, max_tokens: 24 }
    const ordinary = await post(node.apiUrl, '/v1/chat/completions', settings)
    const { status, body } = await post(node.apiUrl, PATH, settings)
    expect(status).toBe(200)
    const answer = TrifurcatedAnswer.parse(body)
    expect(answer.response).toBe(ordinary.body.choices[0].message.content)
    expect(answer.speculative).not.toBe('')
    expect(answer.validated.reason).not.toBe('')
    expect(answer.trit_sum).toBe(0)
    expect(answer.groups.map(({ role, trit, sharesWith }) => [role, trit, sharesWith.length])).toEqual([
      ['validator', -1, 2],
      ['main', 0, 2],
      ['speculative', 1, 2],
    ])
    expect(new Set(answer.groups.map(({ instanceId }) => instanceId)).size).toBe(1)
    expect(answer.groups[0]?.notice).toContain('takes its place')

    const again = TrifurcatedAnswer.parse((await post(node.apiUrl, PATH, { ...settings, seed: answer.seed })).body)
    expect([again.response, again.speculative, again.validated]).toEqual([answer.response, answer.speculative, answer.validated])

    const { body: history } = await get(node.apiUrl, '/history?limit=3')
    const rows = history.inferences as { trit: number; seed: string }[]
    expect(rows.map(({ trit }) => trit).sort((a, b) => a - b)).toEqual([-1, 0, 1])
    for (const [role, trit] of [
      ['validator', -1],
      ['main', 0],
      ['speculative', 1],
    ] as const) {
      expect(rows.find((row) => row.trit === trit)?.seed).toBe(again.details[role].seed)
    }
  })

  it('streams events that carry their role, and ends all three when the client hangs up', async () => {
    const events: TrifurcatedEvent[] = []
    for await (const event of stream(node.apiUrl, PATH, { model, messages, temperature: 0, max_tokens: 8, stream: true }))
      events.push(TrifurcatedEvent.parse(event))
    expect(events.map(({ role }) => role).every((role) => ['validator', 'main', 'speculative'].includes(role))).toBe(true)
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual(['group', 'group', 'group'])
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['verdict', 'answer'])

    const client = new AbortController()
    const long = { model, messages, max_tokens: 4000, ignore_eos: true, stream: true }
    for await (const event of stream(node.apiUrl, PATH, long, client.signal)) if ((event as TrifurcatedEvent).type === 'delta') break
    client.abort()
    const ended = async (): Promise<(string | null)[]> =>
      ((await get(node.apiUrl, '/history?limit=2')).body.inferences as { trit: number; error: string | null }[])
        .sort((x, y) => x.trit - y.trit)
        .map(({ trit, error }) => `${trit} ${error}`)
    // The validator waits for an answer that never arrives, so it has started nothing.
    await expect.poll(ended, { timeout: 20_000, interval: 100 }).toEqual(['0 cancelled', '1 cancelled'])
  })

  it('refuses a model that is not there, and one that stands beside it is replaced by the main one', async () => {
    const missing = await post(node.apiUrl, PATH, { model: 'no-such-model', messages })
    expect([missing.status, missing.body.error.code]).toEqual([404, 'model_not_found'])
    const { body } = await post(node.apiUrl, PATH, { model, validator_model: 'no-such-model', messages, max_tokens: 4 })
    expect(TrifurcatedAnswer.parse(body).groups[0]).toMatchObject({
      role: 'validator',
      model,
      notice: expect.stringContaining('no-such-model'),
    })
  })
})
