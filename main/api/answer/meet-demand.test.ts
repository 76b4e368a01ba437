import { describe, expect, it } from 'vitest'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { inferenceEnd } from '../__fixtures__/scripted-inference.ts'
import type { CheckedDemand } from '../form/answer-demand.ts'
import { meetDemand } from './meet-demand.ts'
import type { ChatPart, OutputPiece } from './split-output.ts'

const request = {
  requestId: 'r',
  choices: 1,
  prompt: { kind: 'messages', messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'f', parameters: { required: ['a'] } }] },
} as unknown as InferenceRequest
const options = { isParallel: true, isStreamed: false, tellsCalls: false }
/** Far more than any attempt needs. */
const ENDLESS = 10_000

const call: OutputPiece = { type: 'tool-call', call: { id: 'c', name: 'f', argumentsJson: '{}' } }
const content = (text: string): OutputPiece => ({ type: 'content', text })

/** A model that repeats `first` without end, and `second` when it is asked again. */
function repeating(...answers: readonly OutputPiece[]): { readonly written: number[]; ask(demand: CheckedDemand): Promise<ChatPart[]> } {
  const written: number[] = []
  const ended = new Set<string>()
  async function* run({ requestId }: InferenceRequest): AsyncGenerator<ChatPart> {
    const attempt = written.push(0) - 1
    const piece = answers[Math.min(attempt, answers.length - 1)] ?? content('')
    while (!ended.has(requestId) && written[attempt]! < ENDLESS) {
      written[attempt]! += 1
      yield { type: 'output-delta', choiceIndex: 0, pieces: [piece], tokens: [] }
    }
    const finishReason = ended.has(requestId) ? 'cancelled' : 'length'
    yield { type: 'output-end', choiceIndex: 0, finishReason, stopString: null } as unknown as ChatPart
    yield inferenceEnd(1, 1) as unknown as ChatPart
  }
  return {
    written,
    ask: async (demand) => {
      const parts: ChatPart[] = []
      for await (const part of meetDemand(request, demand, { run, end: (requestId) => ended.add(requestId) }, options)) parts.push(part)
      return parts
    },
  }
}

const json: CheckedDemand = { kind: 'json', schema: { type: 'object', required: ['n'] }, isStrict: false }

describe('a model that repeats what does not fit', () => {
  it.each<[string, CheckedDemand, OutputPiece]>([
    ['JSON', json, content('{"a":1}\n')],
    ['calls', { kind: 'call', name: null }, call],
    ['words that are no choice', { kind: 'choice', choices: ['yes', 'no'] }, content('perhaps ')],
  ])('is stopped, asked once more, and then given up: %s', async (_, demand, piece) => {
    const model = repeating(piece)
    await expect(model.ask(demand)).rejects.toMatchObject({ code: 'answer-unfit' })
    expect(model.written).toHaveLength(2)
    expect(Math.max(...model.written)).toBeLessThan(10)
  })

  it('is stopped within a text that would never end, and asked again with limits', async () => {
    const asked: InferenceRequest[] = []
    let isEnded = false
    async function* run(given: InferenceRequest): AsyncGenerator<ChatPart> {
      asked.push(given)
      const isFirst = asked.length === 1
      yield { type: 'output-delta', choiceIndex: 0, pieces: [content(isFirst ? '{"n": "' : '{"n": 1}')], tokens: [] }
      for (let count = 0; isFirst && !isEnded && count < ENDLESS; count++)
        yield { type: 'output-delta', choiceIndex: 0, pieces: [content('1234567890')], tokens: [] }
      yield { type: 'output-end', choiceIndex: 0, finishReason: isFirst ? 'cancelled' : 'stop', stopString: null } as unknown as ChatPart
      yield inferenceEnd(1, 1) as unknown as ChatPart
    }
    const free = { ...request, prompt: { ...request.prompt, tools: [] } } as unknown as InferenceRequest
    const parts: ChatPart[] = []
    for await (const part of meetDemand(free, json, { run, end: () => (isEnded = true) }, options)) parts.push(part)
    expect(parts.flatMap((part) => (part.type === 'output-delta' ? part.pieces : []))).toEqual([content('{"n": 1}')])
    expect(asked).toMatchObject([{}, { temperature: 0.8, grammar: { kind: 'json-schema' } }])
    expect(asked[1]?.grammar?.text).not.toBe(asked[0]?.grammar?.text)
  })

  it('is stopped within a stream, whose client is told why', async () => {
    const endless = { type: 'object', properties: { n: { type: 'string' } }, required: ['n'], additionalProperties: false }
    let isEnded = false
    let count = 0
    async function* run(): AsyncGenerator<ChatPart> {
      yield { type: 'output-delta', choiceIndex: 0, pieces: [content('{"n": "x"}')], tokens: [] }
      yield { type: 'output-end', choiceIndex: 0, finishReason: 'stop', stopString: null } as unknown as ChatPart
      yield { type: 'output-delta', choiceIndex: 1, pieces: [content('{"n": "')], tokens: [] }
      for (; !isEnded && count < ENDLESS; count++)
        yield { type: 'output-delta', choiceIndex: 1, pieces: [content('1234567890')], tokens: [] }
      yield { type: 'output-end', choiceIndex: 1, finishReason: 'cancelled', stopString: null } as unknown as ChatPart
      yield inferenceEnd(1, 1) as unknown as ChatPart
    }
    const free = { ...request, choices: 2, prompt: { ...request.prompt, tools: [] } } as unknown as InferenceRequest
    const demand: CheckedDemand = { kind: 'json', schema: endless, isStrict: true }
    const sent: ChatPart[] = []
    const read = async (): Promise<void> => {
      const streamed = { ...options, isStreamed: true }
      for await (const part of meetDemand(free, demand, { run, end: () => (isEnded = true) }, streamed)) sent.push(part)
    }
    await expect(read()).rejects.toMatchObject({ code: 'answer-unfit', message: expect.stringContaining('repeats itself') })
    expect(count).toBeLessThan(300)
    expect(sent.filter(({ type }) => type === 'output-end')).toMatchObject([{ choiceIndex: 0 }])
  })

  it('answers when it is asked again', async () => {
    const model = repeating(content('{"a":1}\n'), content('{"n":1}\n'))
    const parts = await model.ask(json)
    expect(parts.flatMap((part) => (part.type === 'output-delta' ? part.pieces : []))).toEqual([content('{"n":1}')])
    expect(model.written).toEqual([3, 1])
  })

  it('may write a value of another kind first, and is stopped after a choice', async () => {
    const model = repeating(content('["not yet"] {"n":1}\n'))
    expect(await model.ask(json)).toContainEqual(expect.objectContaining({ pieces: [content('{"n":1}')] }))
    const chosen = repeating(content('yes, '))
    expect(await chosen.ask({ kind: 'choice', choices: ['yes', 'no'] })).toContainEqual(
      expect.objectContaining({ pieces: [content('yes')] }),
    )
    expect(chosen.written[0]).toBeLessThan(10)
  })
})
