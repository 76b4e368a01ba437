import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseSampling } from '../../domain/generation/choose-sampling.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { ModelSettingsFile } from '../../models/store/model-settings-file.ts'
import type { InstanceHandle } from '../../router/router-ports.ts'
import { withDefaults } from '../../router/with-defaults.ts'
import { InstanceId, ModelId } from '../../shared/ids.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { ModelSettings } from '../../shared/models/model-settings.ts'
import { settledInstances } from './settled-instances.ts'
import { settledKeeps } from '../../domain/instance/uses/settled-keeps.ts'

const { signal } = new AbortController()
const modelId = ModelId.parse('org/tiny')
const silent = { temperature: null, topP: null, topK: null, minP: null, repetitionPenalty: null }

const ensured: unknown[] = []
const settled = (settings: ModelSettings): ReturnType<typeof settledInstances> =>
  settledInstances(
    {
      foresee: async () => null,
      ensure: async (...asked) => {
        ensured.push(asked[3])
        return { modelId, isRecoverable: true, manner: { generationConfig: { temperature: 0.3, topK: 7 } } } as unknown as InstanceHandle
      },
    },
    async () => settings,
  )

describe('settings of one model', () => {
  it('go after the request and before what the model says', async () => {
    const handle = await settled({ temperature: 0.6, top_p: 0.5 }).ensure(modelId, signal)
    expect(handle.isRecoverable).toBe(true)
    expect(chooseSampling({ ...silent, topP: 0.9 }, handle.manner ?? {}, false)).toEqual({
      temperature: 0.6,
      topP: 0.9,
      topK: 7,
      minP: 0,
      repetitionPenalty: 1,
    })
  })

  it('say how long a context it is loaded with, unless the request does', async () => {
    const instances = settled({ context_tokens: 4096 })
    await instances.ensure(modelId, signal)
    await instances.ensure(modelId, signal, undefined, 512)
    expect(ensured.slice(-2)).toEqual([4096, 512])
  })

  it('lead chats without words of the system, and bound answers without a bound', async () => {
    const handle = await settled({ system: 'Be brief.', max_tokens: 9 }).ensure(modelId, signal)
    const ask = (messages: unknown[], maxTokens: number | null): InferenceRequest =>
      withDefaults(
        { prompt: { kind: 'messages', messages, tools: [], templateVariables: {} }, maxTokens } as unknown as InferenceRequest,
        handle,
      )
    expect(ask([{ role: 'user', content: 'hi' }], null)).toMatchObject({
      maxTokens: 9,
      prompt: { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] },
    })
    expect(ask([{ role: 'system', content: 'Sing.' }], 5)).toMatchObject({
      maxTokens: 5,
      prompt: { messages: [{ role: 'system', content: 'Sing.' }] },
    })
  })

  it('say how long it stays, unless a client does', () => {
    const [a, b] = [InstanceId.parse('a'), InstanceId.parse('b')]
    const state = {
      instances: { a: { instanceId: a, card: { modelId } }, b: { instanceId: b, card: { modelId } } },
    } as unknown as ClusterState
    const keeps = settledKeeps(state, new Map([[b, { instanceId: b, keepMs: 5, atEpochMs: 1 }]]), new Map([[modelId, { ttl: 60 }]]))
    expect([keeps.get(a)?.keepMs, keeps.get(b)?.keepMs]).toEqual([60_000, 5])
    expect(settledKeeps(state, new Map(), new Map([[modelId, { ttl: -1 }]])).get(a)?.keepMs).toBeNull()
  })

  it('are kept on the disk, also where another process writes them', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'exo-model-settings-'))
    try {
      const [one, other] = [new ModelSettingsFile(dataDir), new ModelSettingsFile(dataDir)]
      expect(await one.of(modelId)).toEqual({})
      await other.set(modelId, { temperature: 0.6 })
      expect(await one.of(modelId)).toEqual({ temperature: 0.6 })
      await one.set(modelId, {})
      expect([...(await other.all())]).toEqual([])
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
