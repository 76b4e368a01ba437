import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLlamaServerContestant } from './llama-server-contestant.ts'

/** Answers as llama.cpp's server does: one event per token, and a last one without tokens. */
const SERVER = `#!${process.execPath}
const { createServer } = require('node:http')
const argument = (name) => process.argv[process.argv.indexOf(name) + 1]
if (argument('--model') === 'missing.gguf') { console.error('failed to open GGUF file'); process.exit(1) }
createServer(async (request, response) => {
  if (request.url === '/health') return response.end('{"status":"ok"}')
  let text = ''
  for await (const part of request) text += part
  const { prompt, n_predict, cache_prompt } = JSON.parse(text)
  if (cache_prompt || prompt.length !== 3) return response.writeHead(400).end('wrong')
  for (let i = 0; i < n_predict; i++) response.write('data: ' + JSON.stringify({ content: 'a', tokens: [i], stop: false }) + '\\n\\n')
  response.end('data: ' + JSON.stringify({ content: '', tokens: [], stop: true }) + '\\n\\n')
}).listen(Number(argument('--port')), argument('--host'))
`

describe('llama-server as a contestant', () => {
  let folder: string
  let program: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-llama-'))
    program = join(folder, 'llama-server')
    await writeFile(program, SERVER)
    await chmod(program, 0o755)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is started, measured by token, and stopped', async () => {
    const contestant = await startLlamaServerContestant(program, 'model.gguf', 4096)
    const { promptTokens, tokenMs } = await contestant.run({ promptTokenIds: [5, 6, 7], maxTokens: 9 })
    expect([promptTokens, tokenMs.length]).toEqual([3, 9])
    expect(contestant.peakMemoryBytes()).toBeGreaterThan(0)
    await contestant.stop()
  })

  it.each([
    ['is not there', '/nowhere/llama-server', 'model.gguf', /ENOENT/],
    ['cannot open the model', null, 'missing.gguf', /failed to open/],
  ])('says why it does not start if it %s', async (_case, other, model, reason) => {
    await expect(startLlamaServerContestant(other ?? program, model, 4096)).rejects.toThrow(reason)
  })
})
