import { describe, expect, it } from 'vitest'
import { derivedNames } from './derived-names.ts'

describe('derivedNames', () => {
  const asked: string[] = []
  const models = {
    resolve: async (name: string) => void asked.push(name),
    card: async (name: string) => void asked.push(`card ${name}`),
  } as never
  const names = derivedNames(models, { find: async (name) => (name === 'mario' ? ({ from: 'org/base' } as never) : null) })
  const { signal } = new AbortController()

  it('leads from the name of a derived model to what it is made of, and leaves others alone', async () => {
    await names.resolve('mario', signal)
    await names.card('mario', signal)
    await names.resolve('org/other', signal)
    expect(asked).toEqual(['org/base', 'card org/base', 'org/other'])
  })
})
