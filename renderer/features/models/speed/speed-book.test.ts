import { expect, it } from 'vitest'
import { MOST_EXPECTED } from '../../../../main/shared/speed/expected-speed.ts'
import { createSpeedBook } from './speed-book.ts'

const speed = { machines: 1, tokensPerSecond: { low: 18, likely: 20, high: 25 } }

function aBook(answer: () => Promise<Record<string, typeof speed>> = () => Promise.resolve({ a: speed })) {
  const asked: (readonly string[])[] = []
  const due: (() => void)[] = []
  const ask = (modelIds: readonly string[]) => {
    asked.push(modelIds)
    return answer()
  }
  const book = createSpeedBook({ ask, soon: (then) => due.push(then) })
  const told = () => new Promise<void>((resolve) => book.subscribe(resolve))
  return { book, asked, told, run: () => due.splice(0).map((then) => then()) }
}

it('asks once for all models that are wanted together, and never again', async () => {
  const { book, asked, told, run } = aBook()
  for (const modelId of ['a', 'b', 'a']) book.want(modelId)
  const answered = told()
  run()
  await answered
  expect(asked).toEqual([['a', 'b']])
  expect([book.speedOf('a'), book.speedOf('b')]).toEqual([speed, null])
  book.want('b')
  run()
  expect(asked).toHaveLength(1)
})
it('asks for no more models at once than a node takes', async () => {
  const { book, asked, run } = aBook()
  for (let index = 0; index <= MOST_EXPECTED; index++) book.want(`${index}`)
  run()
  await expect.poll(() => asked.map(({ length }) => length)).toEqual([MOST_EXPECTED, 1])
})
it('has no speeds if the node does not answer, and asks for the next models all the same', async () => {
  const { book, asked, told, run } = aBook(() => Promise.reject(new Error('gone')))
  book.want('a')
  const answered = told()
  run()
  await answered
  expect(book.speedOf('a')).toBeNull()
  book.want('b')
  run()
  expect(asked).toEqual([['a'], ['b']])
})
