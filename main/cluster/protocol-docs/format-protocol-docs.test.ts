import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import { PEER_MESSAGES } from '../../shared/wire/peer/peer-messages.ts'
import { PEER_STREAMS } from '../../shared/wire/peer/peer-streams.ts'
import { formatProtocolDocs } from './format-protocol-docs.ts'
import { formatSchema } from '../../shared/formats/format-schema.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

describe('the map of what nodes say', () => {
  it('is what docs/protocol.md says: run node setup/generate/write-protocol-docs.mjs', () => {
    expect(read('docs/protocol.md')).toBe(formatProtocolDocs())
  })

  it('has every member of PeerMessage under its own type', () => {
    const types = PeerMessage.options.map(({ shape }) => shape.type.value)
    expect(types.length).toBeGreaterThan(10)
    expect(Object.keys(PEER_MESSAGES).sort()).toEqual([...types].sort())
    for (const { shape } of PeerMessage.options) {
      const { request } = PEER_MESSAGES[shape.type.value]
      expect((request as z.ZodObject<{ type: z.ZodLiteral<string> }>).shape.type.value).toBe(shape.type.value)
    }
  })

  it('has every kind of stream that a node opens or serves, and none that no node does', () => {
    const sources = globSync('main/**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|__fixtures__/.test(file))
    const said = (call: RegExp): string[] => sources.flatMap((file) => [...read(file).matchAll(call)].map(([, kind = '']) => kind))
    const constants = said(/const \w*STREAM_KIND = '([\w-]+)'/g)
    const served = [...constants, ...said(/(?:answerPeers\([\w.]+|handleStream\(|\.handleStream\(), ?'([\w-]+)'|handleStream\('([\w-]+)'/g)]
    const opened = said(/(?:askPeer\([\w.]+, [\w.]+|openStream\([\w.]+), '([\w-]+)'/g)
    const kinds = new Set([...served, ...opened].filter((kind) => kind !== ''))
    expect([...kinds, 'model-files'].filter((kind) => !(kind in PEER_STREAMS))).toEqual([])
    expect(Object.keys(PEER_STREAMS).filter((kind) => ![...constants, ...opened].includes(kind))).toEqual([])
  })
})

describe('a schema as people read it', () => {
  const Inner = z.strictObject({ a: z.int().min(0).max(9) })
  it.each([
    [z.strictObject({ a: z.string().max(5), b: z.number().optional() }), '{ a: string(..5), b?: number }'],
    [z.array(z.union([z.literal('x'), z.null()])).max(3), '("x" | null)[](..3)'],
    [z.record(z.string(), z.boolean()), '{ [name]: boolean }'],
    [z.strictObject({ inner: Inner, all: z.array(Inner) }), '{ inner: Inner, all: Inner[] }'],
    [z.tuple([z.string(), z.int()]), '[string, int]'],
    [z.unknown(), 'any'],
    [Inner, 'Inner'],
    [z.array(z.string().max(2)), 'string(..2)[]'],
  ])('%#', (schema, text) => expect(formatSchema(schema, { Inner })).toBe(text))

  it('writes out a named one where it is told to', () => {
    expect(formatSchema(Inner, { Inner }, 'Inner')).toBe('{ a: int(0..9) }')
  })
})
