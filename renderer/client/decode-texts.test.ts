import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'
import { decodeTexts } from './decode-texts.ts'

const collect = async (chunks: readonly Uint8Array[]): Promise<string[]> => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const events: string[] = []
  for await (const event of readDataEvents(decodeTexts(body))) events.push(event)
  return events
}

it('reads the same events however the bytes are cut', async () => {
  const bytes = new TextEncoder().encode(': waiting\n\ndata: {"a":"é€😀"}\n\nevent: x\ndata: two\r\n\r\ndata: [DONE]\n\n')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), async (cuts) => {
      const places = [0, ...cuts.sort((first, second) => first - second), bytes.length]
      expect(await collect(places.slice(1).map((end, index) => bytes.slice(places[index], end)))).toEqual(['{"a":"é€😀"}', 'two'])
    }),
  )
})

it('reads a last line without an end', async () => {
  expect(await collect([new TextEncoder().encode('data: last')])).toEqual(['last'])
})
