import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BenchmarkResult } from '../../benchmark/benchmark-result.ts'

/** A strict server: it accepts only OpenAI's fields, and answers with three tokens. */
function strictServer(): Server {
  return createServer((request, response) => {
    let body = ''
    request.on('data', (text) => (body += String(text)))
    request.on('end', () => {
      const { ignore_eos: ignoreEos, prompt } = JSON.parse(body) as { ignore_eos?: boolean; prompt: string }
      if (request.headers.authorization !== 'Bearer secret') return response.writeHead(401).end('{"error":{"message":"Who are you?"}}')
      if (ignoreEos !== undefined) return response.writeHead(400).end('{"error":{"message":"ignore_eos is not known"}}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (chunk: object): void => void response.write(`data: ${JSON.stringify(chunk)}\n\n`)
      for (let token = 0; token < 3; token++) setTimeout(() => send({ choices: [{ text: 'x' }] }), 20 * (token + 1))
      setTimeout(() => {
        send({ choices: [], usage: { prompt_tokens: prompt.split(' ').length, completion_tokens: 3 } })
        response.end('data: [DONE]\n\n')
      }, 80)
    })
  })
}

describe('exo bench --url', { timeout: 60_000 }, () => {
  let folder: string
  let server: Server
  let url: string
  const exo = (...programArguments: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'main.ts'), 'bench', ...programArguments]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-bench-'))
    server = strictServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    await writeFile(join(folder, 'b.yaml'), 'models: other\nprompt_tokens: 12\noutput_tokens: 3\nrepeats: 2\nconcurrency: [1, 2]\n')
  })
  afterEach(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('measures another server, shows progress, and compares with an earlier result', async () => {
    const config = ['--config', join(folder, 'b.yaml'), '--url', url, '--api-key', 'secret']
    const first = await exo(...config, '--json')
    expect(first.code).toBe(0)
    expect(first.stderr).toMatch(/\[2\/2\] other 12\+3 x2: run 1 of 2/)
    const { rows } = BenchmarkResult.parse(JSON.parse(first.stdout))
    expect(
      rows.map(({ promptTokens, concurrency, requests, failed, error }) => ({ promptTokens, concurrency, requests, failed, error })),
    ).toEqual([
      { promptTokens: 12, concurrency: 1, requests: 2, failed: 0, error: null },
      { promptTokens: 12, concurrency: 2, requests: 4, failed: 0, error: null },
    ])
    expect(rows[0]?.decodeTokensPerSecond).toBeGreaterThan(1)
    await writeFile(join(folder, 'first.json'), first.stdout)
    const second = await exo(...config, '--baseline', join(folder, 'first.json'))
    const [head, ...lines] = second.stdout.trim().split('\n')
    expect(head).toMatch(/DECODE T\/S.*TTFT$/)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/(\d+\.\d\dx\s+){3}\d+\.\d\dx$/)
    const spreadsheet = await exo(...config, '--csv')
    expect(spreadsheet.stdout.split('\n')[0]).toMatch(/^model,strategy,backend,prompt_tokens/)
  })

  it('says what is wrong', async () => {
    const refused = await exo('--config', join(folder, 'b.yaml'), '--url', url)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('exo: No request was answered. Who are you?') })
    expect(await exo('--config', join(folder, 'none.yaml'), '--url', url)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be read'),
    })
    expect(await exo('--config', join(folder, 'b.yaml'), '--url', 'nonsense')).toMatchObject({ code: 2 })
    await writeFile(join(folder, 'b.yaml'), 'modles: x\n')
    expect(await exo('--config', join(folder, 'b.yaml'), '--url', url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/unknown key modles/),
    })
  })
})
