// The calls that Open WebUI 0.12.4 makes over its two kinds of connections, in order.
import { flow, holds, model, url } from './flows.mjs'

const call = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: 'Bearer unused' },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text
}
const hi = [{ role: 'user', content: 'hi' }]

await flow('connect', async () => {
  holds('version', await call('/api/version'))
  holds(model, await call('/api/tags'))
  holds(model, await call('/v1/models'))
})
await flow('load', async () => {
  holds('load', await call('/api/generate', { model, prompt: '' }))
  const { models } = JSON.parse(await call('/api/ps'))
  holds('T', models.find((each) => each.model === model).expires_at)
  holds('completion', await call('/api/show', { model, name: model }))
})
await flow('chat', async () => {
  holds('"done":true', await call('/api/chat', { model, messages: hi, stream: true, options: {}, metadata: undefined, keep_alive: '5m' }))
  holds('[DONE]', await call('/v1/chat/completions', { model, messages: hi, stream: true, stream_options: { include_usage: true } }))
})
await flow('title', async () =>
  holds('choices', await call('/v1/chat/completions', { model, messages: hi, stream: false, max_completion_tokens: 1000 })),
)
await flow('pull', async () => {
  const steps = (await call('/api/pull', { model, name: model })).trim().split('\n').map(JSON.parse)
  holds('success', steps.at(-1).status)
  await call('/api/pull', { model: 'nobody/has-this' }).then(
    (text) => holds('"error":"', text),
    (error) => holds('"error":"', error.message),
  )
})
await flow('unload', async () => {
  holds('unload', await call('/api/generate', { model, keep_alive: 0 }))
  holds('[]', JSON.stringify(JSON.parse(await call('/api/ps')).models.filter((each) => each.model === model)))
  holds('load', await call('/api/generate', { model, keep_alive: -1 }))
})
await flow('one copy', async () => {
  await call('/api/generate', { model })
  await call('/api/generate', { model })
  const instances = Object.values(JSON.parse(await call('/state')).instances)
  holds('1', instances.length)
})
