import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readDataEvents } from './read-data-events.ts'

async function collect(...texts: readonly string[]): Promise<string[]> {
  async function* pieces(): AsyncGenerator<string> {
    yield* texts
  }
  const events: string[] = []
  for await (const event of readDataEvents(pieces())) events.push(event)
  return events
}

it('reads the same events however the text is cut', async () => {
  const text = ': waiting\n\ndata: {"a":"é€"}\n\nevent: x\ndata:two\r\n\r\ndata: [DONE]\n\n'
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), async (cuts) => {
      const places = [0, ...cuts.sort((first, second) => first - second), text.length]
      expect(await collect(...places.slice(1).map((end, index) => text.slice(places[index], end)))).toEqual(['{"a":"é€"}', 'two'])
    }),
  )
})

it('reads a last line without an end, and nothing where nothing came', async () => {
  expect(await collect('data: la', 'st')).toEqual(['last'])
  expect(await collect()).toEqual([])
})
