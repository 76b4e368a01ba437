import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { ModelId } from '../../shared/ids.ts'
import { createHubFetch } from './create-hub-fetch.ts'
import { HubClient } from './hub-client.ts'

const MIB = 2 ** 20
const commit = 'c'.repeat(40)
const modelId = ModelId.parse('org/model')
const signal = AbortSignal.timeout(50_000)

describe('A4: a hub that lies', () => {
  let server: Server
  let sentBytes = 0
  let requests = 0
  const open = async (answerTo: (url: string, response: ServerResponse) => void): Promise<HubClient> => {
    server = createServer((request, response) => {
      requests += 1
      answerTo(request.url ?? '', response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const fetch = createHubFetch({ proxies: { httpProxy: '', httpsProxy: '', noProxy: '' } })
    return new HubClient({
      settings: { endpoint, token: null, isOffline: false },
      fetch,
      clock: systemClock,
      random: systemRandom,
      attempts: 1,
      firstDelayMs: 1,
    })
  }
  /** Spaces, which are valid JSON, as long as the client reads. */
  const sendWithoutEnd = (response: ServerResponse): void => {
    const spaces = Buffer.alloc(MIB, ' ')
    const send = (): void => {
      while (!response.destroyed && response.write(spaces)) sentBytes += spaces.length
      sentBytes += spaces.length
    }
    response.on('drain', send)
    send()
  }
  afterEach(() => {
    sentBytes = 0
    requests = 0
    server.closeAllConnections()
    server.close()
  })

  it('about the length of a file that is read into memory', async () => {
    const client = await open((_url, response) => sendWithoutEnd(response))
    const file = { path: 'config.json', sizeBytes: 10, etag: 'a'.repeat(40) }
    await expect(client.readJson({ modelId, commit, files: [file] }, file.path, signal)).rejects.toMatchObject({
      code: 'hub-answer-invalid',
    })
    await expect(client.search('x', 5, signal)).rejects.toMatchObject({ code: 'hub-answer-invalid' })
    expect(sentBytes).toBeLessThan(300 * MIB)
  }, 60_000)

  it('about further pages of its list of files', async () => {
    const client = await open((url, response) => {
      if (url.includes('/revision/')) return void response.end(JSON.stringify({ sha: commit }))
      const { port } = server.address() as AddressInfo
      response.setHeader('link', `<http://127.0.0.1:${port}/api/models/org/model/tree/${commit}?page=${requests}>; rel="next"`)
      response.end('[]')
    })
    await expect(client.manifest(modelId, 'main', signal)).rejects.toMatchObject({ code: 'hub-answer-invalid' })
    expect(requests).toBeLessThan(1_000)
  }, 60_000)
})
