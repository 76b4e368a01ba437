import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import { ModelId } from '../../shared/ids.ts'
import { type InitialModelsDependencies, loadInitialModels } from './initial-models.ts'

function start(
  load: (atMs: number) => void,
  changes: Partial<InitialModelsDependencies> = {},
): { loading: ReturnType<typeof loadInitialModels>; elapsedMs(): number } {
  let nowMs = 5_000
  const loading = loadInitialModels({
    requested: ['big'],
    loadDefaultModel: false,
    hasOtherModels: async () => false,
    importDefaultModel: async () => ModelId.parse('default'),
    resolve: async (name) => ModelId.parse(name),
    load: async () => {
      load(nowMs - 5_000)
      return { stepsDown: ['TCP ring instead of JACCL mesh: no cable'] }
    },
    onDefaultFailed: () => undefined,
    now: () => nowMs,
    sleep: async (durationMs) => void (nowMs += durationMs),
    ...changes,
  })
  return { loading, elapsedMs: () => nowMs - 5_000 }
}
const refuse = (code: ErrorCode): never => {
  throw new AppError(code, 'no')
}

describe('loadInitialModels', () => {
  it('waits for the peers without which there is no placement', async () => {
    const { loading } = start((atMs) => (atMs < 3_000 ? refuse('backend-impossible') : undefined))
    expect(await loading).toEqual([{ modelId: 'big', loadMs: 3_000, stepsDown: ['TCP ring instead of JACCL mesh: no cable'] }])
  })
  it('does not wait for ever', async () => {
    const { loading, elapsedMs } = start(() => refuse('not-enough-nodes'))
    await expect(loading).rejects.toMatchObject({ code: 'not-enough-nodes' })
    expect(elapsedMs()).toBeLessThan(11_000)
  })
  it('does not wait if peers cannot help', async () => {
    const { loading, elapsedMs } = start(() => refuse('model-damaged'))
    await expect(loading).rejects.toMatchObject({ code: 'model-damaged' })
    expect(elapsedMs()).toBe(0)
  })
  it('goes on without the default model', async () => {
    const failed: unknown[] = []
    const { loading } = start(() => refuse('not-enough-memory'), {
      requested: [],
      loadDefaultModel: true,
      onDefaultFailed: (error) => void failed.push(error),
    })
    expect([await loading, failed.length]).toEqual([[], 1])
  })
})
