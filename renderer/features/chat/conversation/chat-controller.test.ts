import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../../main/shared/app-error.ts'
import type { StreamedChatPart, ChatRequest } from '../../../client/stream-chat.ts'
import { createChatController } from './chat-controller.ts'
import { selectActive, useChatStore } from './chat-store.ts'
import { ChatSettings, type Conversation } from './conversation.ts'

const delta = (content: string, reasoning = ''): StreamedChatPart => ({ type: 'delta', content, reasoning })
const END: StreamedChatPart = {
  type: 'end',
  finishReason: 'stop',
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 0 } },
  timings: { ttft_ms: 40, queue_ms: 0, prefill_tokens_per_second: 100, decode_tokens_per_second: 20, total_ms: 140 },
}
const settings = ChatSettings.parse({ systemPrompt: 'Be brief.', temperature: 0 })

function start(script: (request: ChatRequest, signal: AbortSignal) => AsyncIterable<StreamedChatPart>) {
  const saved = new Map<string, Conversation>()
  const requests: ChatRequest[] = []
  let ids = 0
  const chat = createChatController({
    stream: (request, signal) => {
      requests.push(request)
      return script(request, signal)
    },
    streamThreeWays: (request, signal) => {
      requests.push({ ...request, isTrifurcated: true })
      return script(request, signal)
    },
    storage: {
      loadAll: async () => [...saved.values()],
      save: async (conversation) => void saved.set(conversation.id, conversation),
      remove: async (id) => void saved.delete(id),
    },
    now: () => 1000,
    newId: () => `id-${(ids += 1)}`,
  })
  return { chat, saved, requests }
}

const active = (): Conversation => selectActive(useChatStore.getState()) ?? expect.fail('no conversation is active')
const last = () => active().messages.at(-1)
beforeEach(() => useChatStore.setState({ conversations: {}, activeId: null, storageError: null }, true))

describe('the chat', () => {
  it('keeps the draft and the verdict of a trifurcated answer beside it', async () => {
    const { chat, requests } = start(async function* () {
      yield { type: 'group', role: 'speculative', model: 'org/small', nodeIds: ['a'], notice: null }
      yield { type: 'draft', content: 'Lyon' }
      yield delta('Paris')
      yield { type: 'verdict', verdict: 'safe', reason: 'a capital' }
      yield END
    })
    chat.send('Capital of France?', 'org/tiny', { ...settings, isTrifurcated: true, draftModelId: 'org/small' })
    await expect.poll(() => last()?.status).toBe('complete')
    expect(requests[0]).toMatchObject({ isTrifurcated: true, model: 'org/tiny', speculative_model: 'org/small' })
    expect(requests[0]).not.toHaveProperty('validator_model')
    expect(last()).toMatchObject({
      content: 'Paris',
      ways: { draft: 'Lyon', verdict: { verdict: 'safe', reason: 'a capital' }, groups: [{ role: 'speculative', model: 'org/small' }] },
    })
  })

  it('asks with the settings of its conversation, keeps the answer and its figures', async () => {
    const { chat, saved, requests } = start(async function* () {
      yield delta('', 'Hm.')
      yield delta('Par')
      yield delta('is')
      yield END
    })
    chat.send('Capital of France?', 'org/tiny', settings)
    await expect.poll(() => last()?.status).toBe('complete')
    expect(requests).toEqual([
      {
        model: 'org/tiny',
        temperature: 0,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Capital of France?' },
        ],
      },
    ])
    expect(last()).toMatchObject({
      content: 'Paris',
      reasoning: 'Hm.',
      stats: { ttftMs: 40, decodeTokensPerSecond: 20, completionTokens: 2 },
    })
    expect(active().title).toBe('Capital of France?')
    await expect.poll(() => [...saved.values()]).toEqual([active()])
  })

  it('keeps what had come when it is stopped, and asks only once at a time', async () => {
    const { chat, requests } = start(async function* (_request, signal) {
      yield delta('some')
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    chat.send('x', 'm', settings)
    await expect.poll(() => last()?.content).toBe('some')
    chat.send('y', 'm', settings)
    chat.stop(active().id)
    await expect.poll(() => last()?.status).toBe('stopped')
    expect([last()?.content, requests.length]).toEqual(['some', 1])
  })

  it('says why there is no answer, and asks again without it', async () => {
    const { chat, requests } = start(async function* () {
      if (requests.length === 1) throw new AppError('unreachable', 'The node does not answer.')
      yield delta('fine')
      yield END
    })
    chat.send('x', 'm', settings)
    await expect.poll(() => last()).toMatchObject({ status: 'failed', error: 'The node does not answer.' })
    chat.regenerate(last()?.id ?? '', 'm')
    await expect.poll(() => last()?.status).toBe('complete')
    expect(requests[1]?.messages).toEqual(requests[0]?.messages)
    expect(active().messages).toHaveLength(2)
  })

  it('asks something else instead: what followed is gone', async () => {
    const { chat, requests } = start(async function* (request) {
      yield delta(`answer to ${request.messages.at(-1)?.content}`)
      yield END
    })
    for (const text of ['one', 'two']) {
      chat.send(text, 'm', ChatSettings.parse({}))
      await expect.poll(() => last()).toMatchObject({ status: 'complete', content: `answer to ${text}` })
    }
    chat.editAndSend(active().messages[0]?.id ?? '', 'three', 'm')
    await expect.poll(() => active().messages.map(({ content }) => content)).toEqual(['three', 'answer to three'])
    expect(requests[2]?.messages).toEqual([{ role: 'user', content: 'three' }])
  })

  it('works on where nothing can be kept, and says so', async () => {
    const chat = createChatController({
      stream: async function* () {
        yield delta('yes')
        yield END
      },
      streamThreeWays: () => expect.fail('nobody asked three models'),
      storage: {
        loadAll: () => Promise.reject(new Error('forbidden')),
        save: () => Promise.reject(new Error('forbidden')),
        remove: () => Promise.reject(new Error('forbidden')),
      },
      now: () => 1,
      newId: () => Math.random().toString(),
    })
    await chat.load()
    chat.send('x', 'm', settings)
    await expect.poll(() => last()?.status).toBe('complete')
    expect(useChatStore.getState().storageError).toBe('forbidden')
    chat.remove(active().id)
    expect(useChatStore.getState()).toMatchObject({ conversations: {}, activeId: null })
  })
})
