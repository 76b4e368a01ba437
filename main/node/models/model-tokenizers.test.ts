import { describe, expect, it } from 'vitest'
import type { Log } from '../../platform/log/log.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelId } from '../../shared/ids.ts'
import { ModelTokenizers, type OpenTokenizer } from './model-tokenizers.ts'

const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
const [A, B] = [ModelId.parse('org/a'), ModelId.parse('org/b')]

function start(open: (folder: string) => Promise<void> = () => Promise.resolve()) {
  const opened: string[] = []
  const closed: string[] = []
  const tokenizers = new ModelTokenizers(async (folder) => {
    opened.push(folder)
    await open(folder)
    return { close: () => Promise.resolve(void closed.push(folder)) } as unknown as OpenTokenizer
  }, silent)
  return { tokenizers, opened, closed }
}

describe('ModelTokenizers', () => {
  it('opens one for all requests of a model', async () => {
    const { tokenizers, opened } = start()
    const [first, second] = await Promise.all([
      tokenizers.get(A, () => Promise.resolve('/a')),
      tokenizers.get(A, () => Promise.resolve('/other')),
    ])
    expect(first).toBe(second)
    expect(opened).toEqual(['/a'])
  })
  it('tries again after a failure', async () => {
    const failures = [new AppError('model-damaged', 'It is cut off.')]
    const { tokenizers, opened } = start(() => {
      const failure = failures.pop()
      return failure ? Promise.reject(failure) : Promise.resolve()
    })
    await expect(tokenizers.get(A, () => Promise.resolve('/a'))).rejects.toMatchObject({ code: 'model-damaged' })
    await tokenizers.get(A, () => Promise.resolve('/a'))
    expect(opened).toEqual(['/a', '/a'])
  })
  it('closes those of models that are no longer there, and all at the end', async () => {
    const { tokenizers, closed } = start()
    await tokenizers.get(A, () => Promise.resolve('/a'))
    await tokenizers.get(B, () => Promise.resolve('/b'))
    tokenizers.keepOnly(new Set([B]))
    await Promise.resolve().then(() => undefined)
    await tokenizers.close()
    expect(closed.sort()).toEqual(['/a', '/b'])
  })
})
