import { afterEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { toolTexts } from './tool-texts.ts'

const SCHEMA =
  '{"type": "object", "properties": {"b": {"type": "number", "minimum": 0.0, "description": "\\"]}\\\\"}, "10": {"type": "string"}}}'
const textsOf = (body: string): Record<string, string> => Object.fromEntries(toolTexts(Buffer.from(body)))

describe('B09 the parameters of tools', () => {
  it('are kept as the client wrote them, in the shapes of every API', () => {
    expect(
      textsOf(
        '{"messages":[{"content":"\\"tools\\": [{"}], "tools" : ' +
          `[{"type":"function","function":{"name":"f","parameters": ${SCHEMA} }}, ` +
          '{"name":"g","parameters":{"a":1}}]}',
      ),
    ).toEqual({ f: SCHEMA })
    expect(textsOf(`{"tools":[{"input_schema":${SCHEMA},"name":"f"}],"max_tokens":5}`)).toEqual({ f: SCHEMA })
    expect(textsOf(`{"functions":[{"name":"f","parameters":${SCHEMA}}]}`)).toEqual({ f: SCHEMA })
    expect(textsOf(`{"tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f","parameters":${SCHEMA}}]}]}`)).toEqual({
      f: SCHEMA,
    })
    for (const body of ['[]', '{"tools":null}', '{"tools":[1,null,[],{}]}', ' "tools" ', '{"tools":{}}'])
      expect(textsOf(body), body).toEqual({})
  })

  it('are found in any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.json({ maxDepth: 4 }), fc.string(), (before, after, name) => {
        expect(
          textsOf(`{"a":${before},"tools":[${after},{"name":${JSON.stringify(name)},"parameters":${SCHEMA}}],"b":${after}}`)[name],
        ).toBe(SCHEMA)
      }),
    )
  })

  describe('reach the prompt', () => {
    let api: TestApi
    afterEach(() => api.close())

    it.each([
      [
        '/v1/chat/completions',
        '{"model":"tiny","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function",' +
          `"function":{"name":"f","parameters":${SCHEMA}}}]}`,
      ],
      ['/v1/responses', `{"model":"tiny","input":"hi","tools":[{"type":"function","name":"f","parameters":${SCHEMA}}]}`],
      [
        '/v1/messages',
        `{"model":"tiny","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":${SCHEMA}}]}`,
      ],
      [
        '/v1/messages/count_tokens',
        `{"model":"tiny","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":${SCHEMA}}]}`,
      ],
      [
        '/api/chat',
        '{"model":"tiny","stream":false,"messages":[{"role":"user","content":"hi"}],' +
          `"tools":[{"type":"function","function":{"name":"f","parameters":${SCHEMA}}}]}`,
      ],
    ])('of %s', async (path, body) => {
      api = await startTestApi(sayWords(['fine']))
      expect((await api.post(path, body)).status).toBe(200)
      expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ tools: [{ name: 'f', parametersJson: SCHEMA }] })
    })

    it('of a body that a thread reads', async () => {
      api = await startTestApi(sayWords(['fine']), { bodyThreadEntry: new URL('./body-thread.ts', import.meta.url).pathname })
      const words = 'x'.repeat(600 * 1024)
      expect(
        (
          await api.post(
            '/v1/chat/completions',
            `{"model":"tiny","messages":[{"role":"user","content":"${words}"}],"tools":[{"type":"function",` +
              `"function":{"name":"f","parameters":${SCHEMA}}}]}`,
          )
        ).status,
      ).toBe(200)
      expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ tools: [{ name: 'f', parametersJson: SCHEMA }] })
    })
  })
})
