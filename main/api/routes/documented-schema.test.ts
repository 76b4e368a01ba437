import { describe, expect, it } from 'vitest'
import { documentedRoute, documentedSchema } from './documented-schema.ts'

describe('what clients are told of a schema', () => {
  it('leaves out what is refused, and requires what is needed', () => {
    const schema: Parameters<typeof documentedSchema>[0] = {
      type: 'object',
      properties: {
        input: { 'x-needed': true, anyOf: [{ type: 'string' }, { type: 'null', 'x-refused': true }] },
        content: { type: 'string', 'x-refused': true },
        model: { type: 'string' },
      },
      required: ['model'],
    }
    expect(documentedSchema(schema)).toEqual({
      type: 'object',
      properties: { input: { anyOf: [{ type: 'string' }] }, model: { type: 'string' } },
      required: ['model', 'input'],
    })
  })

  it('asks for nothing where anything is taken', () => {
    expect(
      documentedSchema({ type: 'object', properties: { metadata: { 'x-any': true, anyOf: [{ type: 'object' }, { type: 'null' }] } } }),
    ).toEqual({ type: 'object', properties: { metadata: {} } })
  })

  it('documents streams, leaves out the body where any body is accepted, and hides what is not served', () => {
    expect(documentedRoute({ response: { 200: { type: 'object' } } }, '/v1/responses')).toMatchObject({
      response: {
        200: {
          content: {
            'application/json': { schema: { type: 'object' } },
            'text/event-stream': { schema: { type: 'object', properties: { event: { type: 'string' }, data: { type: 'string' } } } },
          },
        },
      },
    })
    expect(JSON.stringify(documentedRoute({ response: { 200: { type: 'object' } } }, '/v1/responses/:id'))).toContain('text/event-stream')
    expect(JSON.stringify(documentedRoute({ response: { 200: { type: 'object' } } }, '/ollama/api/chat'))).toContain(
      '"application/x-ndjson":{"schema":{"type":"string"}}',
    )
    expect(JSON.stringify(documentedRoute({ response: { 200: { type: 'object' } } }, '/v1/responses/:id/input_items'))).not.toContain(
      'text/event-stream',
    )
    expect(documentedRoute({ summary: 'Leave', body: {} }, '/cluster/leave')).toEqual({ summary: 'Leave' })
    expect(documentedRoute({ summary: 'Refused: no', body: { type: 'object' } }, '/x')).toMatchObject({ hide: true })
  })
})
