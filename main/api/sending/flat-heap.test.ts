import type { FastifyReply } from 'fastify'
import { expect, it } from 'vitest'
import { heapAfterCollection } from '../__fixtures__/heap-after-collection.ts'
import { systemClock } from '../../platform/clock.ts'
import { mergeBounded } from '../answer/merge-bounded.ts'
import { sendStream } from './send-stream.ts'

const CHUNKS = 100_000
/** Before this many chunks, code is still being compiled and buffers are growing. */
const WARM_UP = 10_000
/** One reference kept per chunk would exceed this. */
const MOST_GROWTH_BYTES = 2 * 1024 * 1024

/** Yields `CHUNKS` chunks and measures how much the heap grows in the meantime. */
function measuredChunks(): { chunks: AsyncGenerator<string>; growth(): number } {
  let growth = Number.POSITIVE_INFINITY
  async function* chunks(): AsyncGenerator<string> {
    let before = 0
    for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
      if (chunk === WARM_UP) before = await heapAfterCollection()
      yield `data: ${chunk} ${'x'.repeat(200)}\n\n`
    }
    growth = (await heapAfterCollection()) - before
  }
  return { chunks: chunks(), growth: () => growth }
}

it('a stream keeps nothing of the chunks that it has sent', async () => {
  let sent = 0
  const raw = {
    headersSent: false,
    destroyed: false,
    writeHead: () => (raw.headersSent = true),
    write: () => (sent += 1) > 0,
    end: () => undefined,
  }
  const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as FastifyReply
  const { chunks, growth } = measuredChunks()
  await sendStream(reply, chunks, {
    contentType: 'text/event-stream',
    keepAlive: () => '',
    keepAliveMs: 600_000,
    stalledClientMs: 600_000,
    timers: systemClock,
    formatError: String,
    signal: new AbortController().signal,
  })
  expect(sent).toBe(CHUNKS)
  process.stdout.write(`figure: bytes kept per chunk of a stream: ${(growth() / (CHUNKS - WARM_UP)).toFixed(1)}\n`)
  expect(growth()).toBeLessThan(MOST_GROWTH_BYTES)
}, 120_000)

it('merged sources keep nothing of what came while one of them is silent', async () => {
  const { chunks, growth } = measuredChunks()
  let speak: (() => void) | undefined
  async function* silent(): AsyncGenerator<string> {
    await new Promise<void>((resolve) => (speak = resolve))
    yield 'last'
  }
  async function* talkative(): AsyncGenerator<string> {
    yield* chunks
    speak?.()
  }
  let count = 0
  let last = ''
  for await (const item of mergeBounded([silent, talkative], 2)) {
    count += 1
    last = item
  }
  expect({ count, last }).toEqual({ count: CHUNKS + 1, last: 'last' })
  process.stdout.write(`figure: bytes kept per item of merged sources: ${(growth() / (CHUNKS - WARM_UP)).toFixed(1)}\n`)
  expect(growth()).toBeLessThan(MOST_GROWTH_BYTES)
}, 120_000)
