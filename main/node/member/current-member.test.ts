import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import { ModelId } from '../../shared/ids.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { ClusterMembership } from './cluster-membership.ts'
import { createCurrentMember } from './current-member.ts'

const token = { type: 'token-delta' } as GenerationPart
const endOf = (finishReason: string): GenerationPart => ({ type: 'generation-end', finishReason }) as GenerationPart

/** A model that gives one token and then, when it is told to leave, the part `last`. */
async function setUp(last: () => GenerationPart) {
  const ended = new AbortController()
  const handle = {
    isRecoverable: true,
    async *generate(_: GenerationSpec, signal: AbortSignal) {
      yield token
      await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
      yield last()
    },
  }
  const member = { instances: () => ({ ensure: async () => handle }) }
  const membership = { serving: () => ({ member, ended: ended.signal }) } as unknown as ClusterMembership
  const { instances } = createCurrentMember(membership, {} as PlacementRequest, async () => null)
  return { ended, instance: await instances.ensure(ModelId.parse('org/model'), new AbortController().signal) }
}

/** Reads until `stop` is called at the first token. */
async function read(parts: AsyncIterable<GenerationPart>, stop: () => void): Promise<{ parts: GenerationPart[]; error: unknown }> {
  const seen: GenerationPart[] = []
  try {
    for await (const part of parts) {
      seen.push(part)
      if (part === token) stop()
    }
  } catch (error) {
    return { parts: seen, error }
  }
  return { parts: seen, error: null }
}

const changed = new AppError('cluster-changed', 'Ask again.')
const spec = {} as GenerationSpec

describe('a model of a cluster that the node leaves', () => {
  it('ends its answers with the reason, never as if they had been cancelled', async () => {
    const { ended, instance } = await setUp(() => endOf('cancelled'))
    expect(await read(instance.generate(spec, new AbortController().signal), () => ended.abort(changed))).toEqual({
      parts: [token],
      error: changed,
    })
    expect(instance.isRecoverable).toBe(false)
    expect(await read(instance.generate(spec, new AbortController().signal), () => undefined)).toEqual({ parts: [], error: changed })
  })

  it('lets an answer be whole that ends by itself', async () => {
    const { ended, instance } = await setUp(() => endOf('stop'))
    expect((await read(instance.generate(spec, new AbortController().signal), () => ended.abort(changed))).parts).toEqual([
      token,
      endOf('stop'),
    ])
  })

  it('ends a request as cancelled that was cancelled, also where both happen', async () => {
    const cancel = new AbortController()
    const { ended, instance } = await setUp(() => endOf('cancelled'))
    const stop = (): void => {
      cancel.abort()
      ended.abort(changed)
    }
    expect(await read(instance.generate(spec, cancel.signal), stop)).toEqual({ parts: [token, endOf('cancelled')], error: null })
  })
})
