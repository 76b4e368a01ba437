import { describe, expect, it } from 'vitest'
import { BodyBudget, readBody } from './read-body.ts'

async function* sent(...sizes: number[]): AsyncGenerator<Buffer> {
  for (const size of sizes) yield Buffer.alloc(size, 'x')
}

describe('readBody', () => {
  it('joins what comes, and refuses what is too long once that is there', async () => {
    const budget = new BodyBudget(1000)
    expect((await readBody(sent(3, 4), {}, 10, budget)).toString()).toBe('x'.repeat(7))
    budget.add(-7)
    await expect(readBody(sent(6, 6, 6), {}, 10, budget)).rejects.toMatchObject({ status: 413 })
    await expect(readBody(sent(1), { 'content-length': '81' }, 10, budget)).rejects.toMatchObject({ status: 413 })
    expect(budget.isSpent).toBe(false)
  })

  it('C2: refuses what all at once would take too much for, and only as long as it does', async () => {
    const budget = new BodyBudget(20)
    const held = await readBody(sent(10, 10, 1), {}, 100, budget)
    await expect(readBody(sent(5, 5), {}, 100, budget)).rejects.toMatchObject({ status: 429, code: 'engine_busy' })
    await expect(
      readBody(
        (async function* () {
          yield Buffer.alloc(1)
          throw new Error('cut')
        })(),
        {},
        100,
        budget,
      ),
    ).rejects.toMatchObject({ status: 400, cause: new Error('cut') })
    budget.add(-held.length)
    expect((await readBody(sent(5, 5), {}, 100, budget)).length).toBe(10)
  })
})
