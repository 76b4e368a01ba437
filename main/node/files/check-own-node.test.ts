import { createServer, type RequestListener, type Server } from 'node:http'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askOwnNode, checkOwnNode } from './check-own-node.ts'
import { claimDataDir, findOwnNode, type NodeFile, readNodeFile, releaseDataDir } from './node-file.ts'
import { ownNodeKey, ownNodeProof, readOwnNodeKey } from './own-node-key.ts'

const random = { bytes: (count: number) => new Uint8Array(count).fill(7) }
const quiet = { warn: () => undefined }
const LONG_MS = 30_000

let dataDir: string
let servers: Server[] = []
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-own-node-'))
})
afterEach(async () => {
  for (const server of servers) server.closeAllConnections()
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  servers = []
  await rm(dataDir, { recursive: true })
})

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const startNode = (key: string): Promise<string> =>
  listen((request, response) => {
    const challenge = new URL(request.url!, 'http://x').searchParams.get('challenge')!
    response.end(JSON.stringify({ proof: ownNodeProof(key, challenge, request.socket.localPort!) }))
  })

const fileOf = (apiUrl: string): NodeFile => ({ processId: process.pid, nodeId: 'a', version: '0.1.0', apiUrl, apiToken: 'secret' })

describe('E: what answers at the port of a node', () => {
  it('is the node where it knows the secret of the data folder, which only its user can read', async () => {
    const key = await ownNodeKey(dataDir, random, quiet)
    const url = await startNode(key)
    expect(await ownNodeKey(dataDir, { bytes: () => new Uint8Array(32) }, quiet)).toBe(key)
    expect((await stat(join(dataDir, 'own-node-key'))).mode & 0o777).toBe(0o600)
    expect(await askOwnNode(dataDir, url, LONG_MS)).toBe('own')
    await expect(checkOwnNode(dataDir, url)).resolves.toBeUndefined()
    await claimDataDir(dataDir, fileOf(url))
    expect(await findOwnNode(dataDir)).toMatchObject({ apiUrl: url })
    await releaseDataDir(dataDir)
    expect(await readOwnNodeKey(dataDir)).toBeNull()
  })

  it.each<[string, RequestListener]>([
    ['says nothing of it', (_, response) => response.end('<html>')],
    ['has no such route, as any other server', (_, response) => response.writeHead(404).end('{"error":{}}')],
    ['guesses', (_, response) => response.end(JSON.stringify({ proof: '0'.repeat(64) }))],
    ['says it in another shape', (_, response) => response.end(JSON.stringify({ proof: ['0'.repeat(64)] }))],
    [
      'gives the question back',
      (request, response) => response.end(JSON.stringify({ proof: new URL(request.url!, 'http://x').searchParams.get('challenge') })),
    ],
    [
      'answers without end',
      (_, response) => {
        const timer = setInterval(() => response.write('x'.repeat(2_000)), 1)
        response.on('close', () => clearInterval(timer))
      },
    ],
    ['hangs up', (_, response) => response.destroy()],
  ])('is another program where it %s', async (_, answer) => {
    await ownNodeKey(dataDir, random, quiet)
    const url = await listen(answer)
    expect(await askOwnNode(dataDir, url, LONG_MS)).toBe('other')
    await expect(checkOwnNode(dataDir, url)).rejects.toMatchObject({ code: 'not-own-node', details: { apiUrl: url } })
  })

  it('is another program where it asks the node itself, by a redirect or in between', async () => {
    const url = await startNode(await ownNodeKey(dataDir, random, quiet))
    const between = await listen(
      (request, response) => void fetch(url + request.url!).then(async (answer) => response.end(await answer.text())),
    )
    const elsewhere = await listen((request, response) => response.writeHead(307, { location: url + request.url! }).end())
    expect(await askOwnNode(dataDir, between, LONG_MS)).toBe('other')
    expect(await askOwnNode(dataDir, elsewhere, LONG_MS)).toBe('other')
  })

  it('may be the node where it is only busy, which keeps the data folder and is told nothing', async () => {
    await ownNodeKey(dataDir, random, quiet)
    const url = await listen(() => undefined)
    expect(await askOwnNode(dataDir, url, 50)).toBe('silent')
    await claimDataDir(dataDir, { ...fileOf(url), processId: process.ppid })
    expect(await readNodeFile(dataDir)).not.toBeNull()
  })

  it('is told no token, and does not keep the node out of its data folder', async () => {
    const heard: (string | undefined)[] = []
    const url = await listen((request, response) => {
      heard.push(request.headers.authorization)
      response.end('{}')
    })
    await claimDataDir(dataDir, { ...fileOf(url), processId: process.ppid })
    await ownNodeKey(dataDir, random, quiet)
    expect(await readNodeFile(dataDir)).toBeNull()
    expect(await findOwnNode(dataDir)).toBeNull()
    await expect(claimDataDir(dataDir, fileOf(url))).resolves.toBeUndefined()
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.every((authorization) => authorization === undefined)).toBe(true)
  })

  it('is believed without it where a node of an older version has the data folder', async () => {
    expect(await readOwnNodeKey(dataDir)).toBeNull()
    expect(await askOwnNode(dataDir, await listen((_, response) => response.end('{}')), LONG_MS)).toBe('own')
  })
})
