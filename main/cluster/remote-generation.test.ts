import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemRandom } from '../platform/random.ts'
import { InstanceId } from '../shared/ids.ts'
import { GenerationSpec, type GenerationPart } from '../shared/inference/generation.ts'
import { openIdentity } from './identity/open-identity.ts'
import { createTestLinks, silentLog } from './__fixtures__/create-test-links.ts'
import type { Links } from './link/links.ts'
import { generateRemotely, serveGenerations } from './remote-generation.ts'

const instance = { instanceId: InstanceId.parse(`instance-${'a'.repeat(24)}`), epoch: 1 }
const timings = { queueMs: 0, prefillMs: 1, decodeMs: 1, cachedTokens: 0 }
const spec = (sampling: object = {}): GenerationSpec =>
  GenerationSpec.parse({
    generationId: 'g-1',
    promptTokenIds: [1, 2],
    maxTokens: 1,
    stopTokenIds: [],
    sampling: { seed: '7', ...sampling },
  })

describe('D3: a generation at a node of another version', () => {
  let folder: string
  let asking: Links<unknown>
  let answering: Links<unknown>
  const served: GenerationSpec[] = []

  const startLinks = async (name: string): Promise<Links<unknown>> => {
    const identity = await openIdentity(join(folder, name), { log: silentLog, random: systemRandom })
    return createTestLinks<unknown>({ identity, nodeName: name, schema: z.unknown() })
  }
  const answer = async function* (generation: GenerationSpec): AsyncGenerator<GenerationPart> {
    served.push(generation)
    yield { type: 'generation-end', generationId: generation.generationId, finishReason: 'stop', timings }
  }
  const ask = async (generation: GenerationSpec): Promise<string[]> => {
    const types: string[] = []
    const parts = generateRemotely(asking, answering.nodeId, instance, generation, AbortSignal.timeout(30_000))
    for await (const { type } of parts) types.push(type)
    return types
  }
  /** Serves like a node from before the second kind of generation. */
  const serveAsVersion4 = (): void =>
    serveGenerations(
      {
        ...answering,
        openStream: answering.openStream.bind(answering),
        handleStream: (kind, handler) => kind === 'generation' && answering.handleStream(kind, handler),
      },
      (_, generation) => answer(generation),
    )

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-remote-'))
    served.length = 0
    asking = await startLinks('asking')
    answering = await startLinks('answering')
    await asking.listen()
    const { port } = await answering.listen()
    asking.dial({ nodeId: null, host: '127.0.0.1', port, isStatic: true, delayMs: 0 })
    await expect.poll(() => asking.peers().length, { timeout: 30_000 }).toBe(1)
  })
  afterEach(async () => {
    await Promise.all([asking.close(), answering.close()])
    await rm(folder, { recursive: true, force: true })
  })

  const ruled = [{ allowedTokenIds: [5] }, { bannedSequences: [[1, 2]] }, { minTokens: 3 }]

  it.each(ruled)('with %j arrives as it is where both are of today', async (sampling) => {
    serveGenerations(answering, (_, generation) => answer(generation))
    expect(await ask(spec(sampling))).toEqual(['generation-end'])
    expect(served).toEqual([spec(sampling)])
  })

  it('is answered by an older node as long as it says nothing that this one leaves out', async () => {
    serveAsVersion4()
    const full = spec({ temperature: 0.5, topP: 0.9, topK: 4, minP: 0.1, repetitionPenalty: 1.1, logitBias: [[1, 2]] })
    for (const generation of [spec(), full, { ...full, topLogprobs: 3, promptLogprobs: true }])
      expect(await ask(generation)).toEqual(['generation-end'])
    expect(served).toHaveLength(3)
  })

  it.each(ruled)('with %j is refused by an older node, with what to do, and not answered wrongly', async (sampling) => {
    serveAsVersion4()
    await expect(ask(spec(sampling))).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('Update exo there'),
    })
    expect(served).toEqual([])
  })
})
