import { describe, expect, it } from 'vitest'
import type { ResponseItem, ResponseObject } from '../../../shared/wire/api/openai-responses.ts'
import type { JournalPort } from '../../journal-port.ts'
import { storedItemsOf, StoredResponses } from './stored-responses.ts'

const said = (id: string, text: string): ResponseItem => ({ type: 'message', id, role: 'user', content: text })
const response = (id: string, text = 'fine'): ResponseObject =>
  ({
    id,
    output: [
      {
        type: 'message',
        id: `out-${id}`,
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
      },
    ],
  }) as unknown as ResponseObject
const ids = (items: readonly ResponseItem[] | undefined): unknown[] => (items ?? []).map((item) => item.id)

describe('stored responses', () => {
  it('give the conversation that led to each', () => {
    const stored = new StoredResponses()
    stored.keep(response('a'), [said('1', 'one')], null)
    stored.keep(response('b'), [said('2', 'two')], stored.conversationOf('a'))
    expect(ids(stored.find('b')?.input)).toEqual(['1', 'out-a', '2'])
    expect(ids(storedItemsOf(stored.conversationOf('b') ?? { turns: [] }))).toEqual(['1', 'out-a', '2', 'out-b'])
    expect(stored.findItem('out-a')?.id).toBe('out-a')
    expect(stored.findItem('none')).toBeNull()
  })

  it('lose the one used longest ago, and not what later ones go on from', () => {
    const stored = new StoredResponses({ limits: { most: 2, mostBytes: 1e6 } })
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
    const stored = new StoredResponses({ limits: { most: 1000, mostBytes: 20_000 } })
    stored.keep(response('0'), [said('i0', 'x'.repeat(10_000))], null)
    for (let turn = 1; turn < 20; turn += 1)
      stored.keep(response(String(turn)), [said(`i${turn}`, 'short')], stored.conversationOf(String(turn - 1)))
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

  describe('of a node that starts again', () => {
    const DAY_MS = 24 * 3_600_000
    /** A journal in memory; `restart` returns what a restarted node finds in it. */
    function journal(lines: readonly string[] = []): JournalPort & { readonly kept: () => readonly string[]; rewrites: number } {
      let kept = [...lines]
      return {
        isBehind: false,
        rewrites: 0,
        kept: () => kept,
        takeLines: () => lines,
        append: (added) => void kept.push(...added),
        rewrite(all) {
          this.rewrites += 1
          kept = [...all]
        },
      }
    }
    const whole = (id: string): ResponseObject => ({
      id,
      object: 'response',
      created_at: 1,
      status: 'completed',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      metadata: {},
      model: 'm',
      output: response(id).output,
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: true,
      temperature: 1,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      completed_at: null,
      ...{ presence_penalty: 0, frequency_penalty: 0, max_tool_calls: null, service_tier: 'default' as const },
      ...{ safety_identifier: null, prompt_cache_key: null, user: null },
      truncation: 'disabled',
      usage: null,
    })

    it('are there with their conversations, without those that were removed', () => {
      const first = journal()
      const stored = new StoredResponses({ journal: first })
      stored.keep(whole('a'), [said('1', 'one')], null)
      stored.keep(whole('b'), [said('2', 'two')], stored.conversationOf('a'))
      stored.keep(whole('c'), [said('3', 'three')], null)
      stored.remove('a')
      stored.remove('c')
      const second = journal([...first.kept(), '{"type":"turn","id"'])
      const again = new StoredResponses({ journal: second })
      expect([again.find('a'), again.find('c')]).toEqual([null, null])
      expect(again.find('b')?.response).toEqual(whole('b'))
      expect(ids(again.find('b')?.input)).toEqual(['1', 'out-a', '2'])
      again.keep(whole('d'), [said('4', 'four')], again.conversationOf('b'))
      expect(ids(new StoredResponses({ journal: journal(second.kept()) }).find('d')?.input)).toEqual(['1', 'out-a', '2', 'out-b', '4'])
      expect(second.kept().filter((line) => line.includes('"one"'))).toHaveLength(1)
    })

    it('go after thirty days, and where half of a conversation is missing', () => {
      const first = journal()
      const stored = new StoredResponses({ journal: first, now: () => DAY_MS })
      stored.keep(whole('a'), [said('1', 'one')], null)
      expect(new StoredResponses({ journal: journal(first.kept()), now: () => 30 * DAY_MS }).find('a')).not.toBeNull()
      expect(new StoredResponses({ journal: journal(first.kept()), now: () => 32 * DAY_MS }).find('a')).toBeNull()
      expect(new StoredResponses({ journal: journal(first.kept().slice(1)) }).find('a')).toBeNull()
    })

    it('leave no journal that grows without end', () => {
      const kept = journal()
      const stored = new StoredResponses({ journal: kept })
      for (let turn = 0; turn < 40; turn += 1) {
        stored.keep(whole('x'), [said(String(turn), 'y'.repeat(300_000))], null)
        stored.remove('x')
      }
      expect(kept.rewrites).toBeGreaterThan(0)
      expect(kept.kept().join('').length).toBeLessThan(6 << 20)
    })
  })
})
