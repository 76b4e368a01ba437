import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createHubFetch } from './create-hub-fetch.ts'
import { fetchCatalogue } from './fetch-catalogue.ts'

const fetch = createHubFetch({ proxies: { httpProxy: '', httpsProxy: '', noProxy: '' } })
const read = (from: string) => fetchCatalogue(from, fetch, AbortSignal.timeout(10_000))
const refusal = (why: string) => ({ code: 'catalogue-unreachable', message: expect.stringContaining(why) as string })

let server: Server | null = null
afterEach(() => server?.close())

/** A server that answers each path with a text, or leads to another address. */
async function serve(answers: Readonly<Record<string, string | { readonly to: string }>>): Promise<string> {
  server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(404).end()
    else if (typeof answer === 'string') response.end(answer)
    else response.writeHead(302, { location: answer.to }).end()
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('fetchCatalogue', () => {
  it('reads the catalogue and its signature from this machine, through redirects', async () => {
    const address = await serve({
      '/latest/catalogue.json?v=1': { to: '/7/catalogue.json' },
      '/7/catalogue.json': '{"format":1}',
      '/latest/catalogue.json.sig?v=1': 'signature',
    })
    const { bytes, signature } = await read(`${address}/latest/catalogue.json?v=1`)
    expect([Buffer.from(bytes).toString(), signature]).toEqual(['{"format":1}', 'signature'])
  })

  it('reads files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exo-fetch-'))
    const path = join(folder, 'catalogue.json')
    await writeFile(path, '{}')
    await expect(read(path)).rejects.toMatchObject(refusal('catalogue.json.sig'))
    await writeFile(`${path}.sig`, 'signature')
    expect((await read(path)).signature).toBe('signature')
    await expect(read(folder)).rejects.toMatchObject(refusal('not a file'))
    await rm(folder, { recursive: true })
  })

  it('refuses what is unencrypted beyond this machine, at once and after a redirect', async () => {
    await expect(read('http://192.0.2.1/catalogue.json')).rejects.toMatchObject(refusal('only https'))
    const address = await serve({ '/catalogue.json': { to: 'http://192.0.2.1/' }, '/file': { to: 'file:///etc/passwd' } })
    await expect(read(`${address}/catalogue.json`)).rejects.toMatchObject(refusal('only https'))
    await expect(read(`${address}/file`)).rejects.toMatchObject(refusal('only https'))
  })

  it('refuses endless redirects, missing files and large files', async () => {
    const address = await serve({ '/loop': { to: '/loop' }, '/large': 'x'.repeat((4 << 20) + 1) })
    await expect(read(`${address}/loop`)).rejects.toMatchObject(refusal('more than 5 other addresses'))
    await expect(read(`${address}/none`)).rejects.toMatchObject(refusal('status 404'))
    await expect(read(`${address}/large`)).rejects.toMatchObject(refusal('bytes'))
    await expect(read('https://')).rejects.toMatchObject(refusal('not an address'))
  })
})
