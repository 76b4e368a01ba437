import { afterEach, describe, expect, it } from 'vitest'
import { deriveShardSeed } from '../../domain/generation/derive-shard-seed.ts'
import { AppError } from '../../shared/app-error.ts'
import { TrifurcatedAnswer, TrifurcatedEvent } from '../../shared/wire/api/trifurcated.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, sayWords, waitForAbort } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const PATH = '/v1/trifurcated'
const body = { model: 'tiny', messages: [{ role: 'user', content: 'Which capital has France?' }], max_tokens: 20 }

let api: TestApi
afterEach(() => api.close())

/** Uses a different script for each role, identified by its trit. */
const byRole = (scripts: { readonly validator: Script; readonly main: Script; readonly speculative: Script }): Script => {
  const of = { [-1]: scripts.validator, [0]: scripts.main, [1]: scripts.speculative }
  return (request, signal) => of[request.trit ?? 0](request, signal)
}
const paris = byRole({
  validator: sayWords(['SAFE', '. A plain fact.']),
  main: sayWords(['<think>', 'France?', '</think>', 'Par', 'is']),
  speculative: sayWords(['Lyon']),
})
const fail: Script = async function* () {
  yield* []
  throw new AppError('engine-busy', 'There is no place.')
}

async function events(): Promise<TrifurcatedEvent[]> {
  const answer = await api.post(PATH, { ...body, stream: true })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const data = (answer.body as string).split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  expect(data.at(-1)).toBe('[DONE]')
  return data.slice(0, -1).map((text) => TrifurcatedEvent.parse(JSON.parse(text)))
}

describe('POST /v1/trifurcated', () => {
  it('answers, drafts and judges, each on its group and with its trit', async () => {
    api = await startTestApi(paris)
    const answer = TrifurcatedAnswer.parse(
      (await api.post(PATH, { ...body, validator_model: 'guard', speculative_model: 'small', seed: 42, draft_model: 'smallest' })).body,
    )
    expect(answer).toMatchObject({
      validated: { verdict: 'safe', reason: 'A plain fact.' },
      response: 'Paris',
      speculative: 'Lyon',
      model: 'tiny',
      seed: '42',
      trit_sum: 0,
      groups: [
        { role: 'validator', trit: -1, model: 'guard', instanceId: 'instance-validator', nodes: ['node-a'], notice: null },
        { role: 'main', trit: 0, model: 'tiny', instanceId: 'instance-main' },
        { role: 'speculative', trit: 1, model: 'small', instanceId: 'instance-speculative' },
      ],
      details: {
        main: { finish_reason: 'stop', seed: '42', error: null },
        speculative: { seed: deriveShardSeed(42n, 1, 0).toString() },
        validator: { seed: deriveShardSeed(42n, 2, 0).toString() },
      },
    })
    const asked = Object.fromEntries(api.inference.requests.map((request) => [request.trit, request]))
    expect(asked[0]).toMatchObject({ model: 'tiny', instanceId: 'instance-main', maxTokens: 20, seed: '42' })
    expect(asked[1]).toMatchObject({ model: 'small', instanceId: 'instance-speculative', prompt: asked[0]?.prompt })
    expect(asked[-1]).toMatchObject({ model: 'guard', instanceId: 'instance-validator', temperature: 0 })
    expect(api.inference.requests.map(({ trit, draftModel }) => [trit, draftModel]).sort()).toEqual([
      [-1, undefined],
      [0, 'smallest'],
      [1, undefined],
    ])
    const { prompt } = asked[-1]!
    expect(prompt.kind === 'messages' && prompt.messages.at(-1)?.content).toContain(
      "user: Which capital has France?\n\nThe assistant's answer:\nParis\n",
    )
  })

  it('says who stands in for a model that was not named', async () => {
    api = await startTestApi(paris)
    const { groups } = (await api.post(PATH, body)).body
    expect(groups.map((group: { model: string; notice: string | null }) => [group.model, group.notice])).toEqual([
      ['tiny', 'tiny stands in'],
      ['tiny', null],
      ['tiny', 'tiny stands in'],
    ])
  })

  it('streams events that carry their role, the groups first, the verdict and the whole answer last', async () => {
    api = await startTestApi(paris)
    const all = await events()
    expect(all.slice(0, 3)).toMatchObject([
      { type: 'group', role: 'validator', trit: -1 },
      { type: 'group', role: 'main', trit: 0 },
      { type: 'group', role: 'speculative', trit: 1 },
    ])
    const of = (role: string): TrifurcatedEvent[] => all.slice(3).filter((event) => event.role === role)
    const text = (role: string): string =>
      of(role)
        .map((event) => (event.type === 'delta' ? event.text : ''))
        .join('')
    expect([text('main'), text('speculative')]).toEqual(['Paris', 'Lyon'])
    expect(
      of('main')
        .map((event) => (event.type === 'delta' ? (event.reasoning ?? '') : ''))
        .join(''),
    ).toContain('France?')
    expect(all.slice(-2)).toMatchObject([
      { type: 'verdict', role: 'validator', trit: -1, verdict: 'safe' },
      { type: 'answer', answer: { response: 'Paris', trit_sum: 0 } },
    ])
    const firstOf = (role: string): number => all.findIndex((event) => event.type === 'delta' && event.role === role)
    expect(firstOf('validator')).toBeGreaterThan(all.findIndex((event) => event.type === 'end' && event.role === 'main'))
  })

  it('answers all the same where the validator or the draft fails, and does not claim to know', async () => {
    api = await startTestApi(byRole({ validator: fail, main: sayWords(['Paris']), speculative: fail }))
    const answer = (await api.post(PATH, body)).body
    expect(answer).toMatchObject({
      response: 'Paris',
      speculative: null,
      validated: { verdict: 'unknown', reason: 'The validator failed: There is no place.' },
    })
    expect(answer.details).toMatchObject({
      main: { error: null },
      speculative: { error: 'There is no place.', finish_reason: null, usage: null },
    })
  })

  it('fails with the status of the main model', async () => {
    api = await startTestApi(byRole({ validator: sayWords(['SAFE']), main: fail, speculative: waitForAbort }))
    expect(await api.post(PATH, body)).toMatchObject({ status: 429, body: { error: { code: 'engine_busy' } } })
    const missing = await api.post(PATH, { ...body, model: 'none' })
    expect([missing.status, missing.body.error.code]).toEqual([404, 'model_not_found'])
  })

  it.each([
    ['tools', [{ type: 'function', function: { name: 'f' } }]],
    ['n', 2],
    ['logprobs', true],
    ['response_format', { type: 'json_object' }],
  ])('refuses %s', async (field, value) => {
    api = await startTestApi(paris)
    expect(await api.post(PATH, { ...body, [field]: value })).toMatchObject({ status: 400, body: { error: { param: field } } })
  })

  it('ends all three when the client hangs up', async () => {
    const half: Script = async function* (request, signal) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'Pa', tokens: [] }
      yield* waitForAbort(request, signal)
    }
    api = await startTestApi(byRole({ validator: half, main: half, speculative: half }))
    const client = new AbortController()
    const response = await fetch(api.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, stream: true }),
      signal: client.signal,
    })
    await response.body?.getReader().read()
    expect(api.inference.open.size).toBe(2)
    client.abort()
    await expect.poll(() => api.inference.open.size).toBe(0)
    expect(api.logged.filter((line) => line.startsWith('request failed'))).toEqual([])
  })
})
