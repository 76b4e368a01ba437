import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createHubFetch } from './create-hub-fetch.ts'
import { proxyFor } from './proxy-for.ts'
import { readWithin } from './read-within.ts'

describe('proxyFor', () => {
  const proxies = { httpProxy: 'plain:3128', httpsProxy: 'http://secure:3128', noProxy: 'localhost, .corp.example,127.0.0.1 intern:8080' }
  it.each([
    ['https://huggingface.co/x', 'http://secure:3128'],
    ['http://huggingface.co/x', 'http://plain:3128'],
    ['http://localhost:99/', null],
    ['http://127.0.0.1/', null],
    ['https://hub.corp.example/', null],
    ['https://corp.example/', null],
    ['https://notcorp.example/', 'http://secure:3128'],
    ['http://intern:8080/', null],
    ['http://intern/', 'http://plain:3128'],
  ])('%s goes by %s', (url, proxy) => expect(proxyFor(new URL(url), proxies)).toBe(proxy))

  it('knows none and all', () => {
    expect(proxyFor(new URL('https://a.b'), { httpProxy: '', httpsProxy: '', noProxy: '' })).toBeNull()
    expect(proxyFor(new URL('https://a.b'), { ...proxies, noProxy: '*' })).toBeNull()
  })
})

it('createHubFetch goes by the proxy', async () => {
  const listen = async (server: ReturnType<typeof createServer>): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const target = createServer((_request, response) => response.end('{"ok":true}'))
  const targetPort = await listen(target)
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    request.pipe(httpRequest(request.url ?? '', (answer) => answer.pipe(response)))
  })
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    const through = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(through).pipe(socket)
    })
    through.on('error', () => socket.destroy())
    socket.on('error', () => through.destroy())
  })
  const fetch = createHubFetch({ proxies: { httpProxy: `http://127.0.0.1:${await listen(proxy)}`, httpsProxy: '', noProxy: '' } })
  const response = await fetch(`http://hub.example:${targetPort}/`, { headers: {}, signal: new AbortController().signal })
  expect(JSON.parse(String(await readWithin(response.body, 1_000)))).toEqual({ ok: true })
  expect(asked).toEqual([`hub.example:${targetPort}`])
  for (const server of [target, proxy]) {
    server.closeAllConnections()
    server.close()
  }
})
