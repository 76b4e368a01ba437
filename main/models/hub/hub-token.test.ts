import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { ModelId } from '../../shared/ids.ts'
import { AskedModels } from './asked-models.ts'
import type { HubFetch, HubResponse } from './create-hub-fetch.ts'
import { HubClient } from './hub-client.ts'

const commit = 'c'.repeat(40)
const [open, gated, secret] = ['org/open', 'org/gated', 'org/secret'].map((id) => ModelId.parse(id)) as [ModelId, ModelId, ModelId]
const signal = new AbortController().signal

function bodyOf(text: string): NonNullable<HubResponse['body']> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text)
  }
  return Object.assign(chunks(), { cancel: async () => undefined })
}

/** A hub that shows private models only to their owner's token; each request with a token is recorded. */
function hubOf(shown: string[]): HubFetch {
  return async (url, { headers }) => {
    const hasToken = headers['authorization'] === 'Bearer hf_own'
    if (hasToken) shown.push(url)
    const isSecret = url.includes('org/secret')
    const error = hasToken || (!isSecret && !url.includes('org/gated')) ? null : isSecret ? 'RepoNotFound' : 'GatedRepo'
    const value = url.includes('/tree/') ? [] : { sha: commit }
    return {
      ok: error === null,
      status: error === null ? 200 : 401,
      headers: { get: (name) => (name === 'x-error-code' ? error : null) },
      body: bodyOf(JSON.stringify(value)),
    }
  }
}

describe('A4: the token of the hub', () => {
  let shown: string[]
  let asked: AskedModels
  let client: HubClient
  beforeEach(() => {
    shown = []
    asked = new AskedModels()
    client = new HubClient({
      settings: { endpoint: 'https://hub.test', token: 'hf_own', isOffline: false },
      fetch: hubOf(shown),
      isAsked: (modelId) => asked.has(modelId),
      clock: systemClock,
      random: systemRandom,
    })
  })

  it('opens no private model that only another node has asked for', async () => {
    await expect(client.manifest(secret, commit, signal)).rejects.toMatchObject({
      code: 'hub-model-not-found',
      message: expect.stringContaining(`exo models pull ${secret}`),
    })
    await expect(
      client.open({ modelId: secret, commit }, { path: 'config.json', sizeBytes: 2, etag: 'a'.repeat(40) }, { start: 0, end: 2 }, signal),
    ).rejects.toMatchObject({ code: 'hub-model-not-found' })
    expect(shown).toEqual([])
  })

  it('opens what its own user has asked for, and what is shown to everybody or gated', async () => {
    asked.note(secret)
    for (const modelId of [open, gated, secret]) expect((await client.manifest(modelId, 'main', signal)).commit).toBe(commit)
    expect(shown.length).toBe(6)
  })

  it('opens private models if only its own user can ask', async () => {
    const own = new HubClient({
      settings: { endpoint: 'https://hub.test', token: 'hf_own', isOffline: false },
      fetch: hubOf(shown),
      clock: systemClock,
      random: systemRandom,
    })
    expect((await own.manifest(secret, 'main', signal)).commit).toBe(commit)
  })
})
