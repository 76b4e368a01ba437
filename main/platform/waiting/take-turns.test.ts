import { expect, it } from 'vitest'
import { pending } from './pending.ts'
import { takeTurns } from './take-turns.ts'

it('runs one act at a time, in order, and goes on after one that failed', async () => {
  const inTurn = takeTurns()
  const said: string[] = []
  const first = pending<string>()
  const outcomes = Promise.allSettled([
    inTurn(() => {
      said.push('first')
      return first.promise
    }),
    inTurn(() => {
      said.push('second')
      throw new Error('broken')
    }),
    inTurn(() => said.push('third')),
  ])
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toEqual(['first'])
  first.resolve('done')
  expect(await outcomes).toEqual([
    { status: 'fulfilled', value: 'done' },
    { status: 'rejected', reason: new Error('broken') },
    { status: 'fulfilled', value: 3 },
  ])
  expect(said).toEqual(['first', 'second', 'third'])
})
