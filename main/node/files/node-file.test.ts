import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ListeningServer, startListeningServer } from '../../platform/__fixtures__/listening-server.ts'
import { claimDataDir, type NodeFile, readNodeFile, releaseDataDir } from './node-file.ts'

let node: NodeFile = { processId: process.pid, nodeId: 'a', version: '0.1.0', apiUrl: '', apiToken: 'secret' }
let api: ListeningServer
/** An id that no process has: Linux counts to 2^22, macOS to 99,999. */
const GONE = 2 ** 30

let dataDir: string
beforeAll(async () => {
  api = await startListeningServer()
  node = { ...node, apiUrl: api.url }
})
afterAll(() => api.close())
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-node-file-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

describe('the file of a running node', () => {
  it('tells where the node is, and is for its user alone', async () => {
    await claimDataDir(join(dataDir, 'new'), node)
    expect(await readNodeFile(join(dataDir, 'new'))).toEqual(node)
    expect((await stat(join(dataDir, 'new', 'node.json'))).mode & 0o777).toBe(0o600)
    expect(await readdir(join(dataDir, 'new'))).toEqual(['node.json'])
  })
  it('is gone when the node has stopped', async () => {
    await claimDataDir(dataDir, node)
    await releaseDataDir(dataDir)
    expect(await readNodeFile(dataDir)).toBeNull()
  })
  it('keeps a second node out, and says who is there', async () => {
    await claimDataDir(dataDir, { ...node, processId: process.ppid })
    await expect(claimDataDir(dataDir, node)).rejects.toMatchObject({
      code: 'already-running',
      details: { processId: process.ppid, apiUrl: node.apiUrl },
    })
  })
  it('of a killed node is none, though another program has its process id', async () => {
    const stranger = { ...node, processId: process.ppid, apiUrl: 'http://127.0.0.1:1' }
    await writeFile(join(dataDir, 'node.json'), JSON.stringify(stranger))
    expect(await readNodeFile(dataDir)).toBeNull()
    await claimDataDir(dataDir, node)
    expect(await readNodeFile(dataDir)).toEqual(node)
  })
  it('of a killed node, or torn, is none', async () => {
    await writeFile(join(dataDir, 'node.json'), JSON.stringify({ ...node, processId: GONE }))
    expect(await readNodeFile(dataDir)).toBeNull()
    await writeFile(join(dataDir, 'node.json'), JSON.stringify(node).slice(0, 20))
    expect(await readNodeFile(dataDir)).toBeNull()
    await claimDataDir(dataDir, node)
    expect(await readNodeFile(dataDir)).toEqual(node)
  })
})
