import { describe, expect, it } from 'vitest'
import type { ResponseItem, ResponseObject } from '../../shared/wire/openai-responses.ts'
import { itemsOf, StoredResponses } from './stored-responses.ts'

const said = (id: string, text: string): ResponseItem => ({ type: 'message', id, role: 'user', content: text })
const response = (id: string, text = 'fine'): ResponseObject => ({ id, output: [{ type: 'message', id: `out-${id}`, status: 'completed', role: 'assistant', content: [{ type: 'output_text', text, annotations: [], logprobs: [] }] }] }) as unknown as ResponseObject
const ids = (items: readonly ResponseItem[] | undefined): unknown[] => (items ?? []).map((item) => item.id)

describe('stored responses', () => {
  it('give the conversation that led to each', () => {
    const stored = new StoredResponses()
    stored.keep(response('a'), [said('1', 'one')], null)
    stored.keep(response('b'), [said('2', 'two')], stored.conversationOf('a'))
    expect(ids(stored.find('b')?.input)).toEqual(['1', 'out-a', '2'])
    expect(ids(itemsOf(stored.conversationOf('b') ?? { turns: [] }))).toEqual(['1', 'out-a', '2', 'out-b'])
    expect(stored.findItem('out-a')?.id).toBe('out-a')
    expect(stored.findItem('none')).toBeNull()
  })

  it('lose the one used longest ago, and not what later ones go on from', () => {
    const stored = new StoredResponses({ most: 2, mostBytes: 1e6 })
    stored.keep(response('a'), [said('1', 'one')], null)
    stored.keep(response('b'), [said('2', 'two')], stored.conversationOf('a'))
    stored.find('a')
    stored.keep(response('c'), [said('3', 'three')], stored.conversationOf('a'))
    expect([stored.find('a')?.response.id, stored.find('b'), stored.find('c')?.response.id]).toEqual(['a', null, 'c'])
    stored.keep(response('d'), [said('4', 'four')], stored.conversationOf('c'))
    expect(stored.find('a')).toBeNull()
    expect(ids(stored.find('d')?.input)).toEqual(['1', 'out-a', '3', 'out-c', '4'])
  })

  it('hold no more bytes than they may, and count what is shared once', () => {
    const stored = new StoredResponses({ most: 1000, mostBytes: 20_000 })
    stored.keep(response('0'), [said('i0', 'x'.repeat(10_000))], null)
    for (let turn = 1; turn < 20; turn += 1) stored.keep(response(String(turn)), [said(`i${turn}`, 'short')], stored.conversationOf(String(turn - 1)))
    expect(stored.find('0')).not.toBeNull()
    stored.keep(response('large'), [said('l', 'x'.repeat(15_000))], null)
    expect([stored.find('19'), stored.find('large')?.response.id]).toEqual([null, 'large'])
    stored.keep(response('larger'), [said('m', 'x'.repeat(30_000))], null)
    expect([stored.find('large'), stored.find('larger')]).toEqual([null, null])
    stored.keep(response('again'), [said('n', 'x'.repeat(15_000))], null)
    expect(stored.find('again')?.response.id).toBe('again')
  })

  it('are gone once removed, and shown while they are made', () => {
    const stored = new StoredResponses()
    const hide = stored.show({ response: response('r'), input: [] })
    expect([stored.find('r')?.response.id, stored.conversationOf('r')]).toEqual(['r', null])
    hide()
    expect(stored.find('r')).toBeNull()
    stored.keep(response('r'), [said('1', 'one')], null)
    expect([stored.remove('r'), stored.remove('r'), stored.find('r'), stored.findItem('1')]).toEqual([true, false, null, null])
  })
})
