import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimDataDir, type NodeFile, readNodeFile, releaseDataDir } from './node-file.ts'

const NODE: NodeFile = { processId: process.pid, nodeId: 'a', version: '0.1.0', apiUrl: 'http://127.0.0.1:8080', apiToken: 'secret' }
/** Of no process: Linux counts to 2^22, macOS to 99,999. */
const GONE = 2 ** 30

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-node-file-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

describe('the file of a running node', () => {
  it('tells where the node is, and is for its user alone', async () => {
    await claimDataDir(join(dataDir, 'new'), NODE)
    expect(await readNodeFile(join(dataDir, 'new'))).toEqual(NODE)
    expect((await stat(join(dataDir, 'new', 'node.json'))).mode & 0o777).toBe(0o600)
    expect(await readdir(join(dataDir, 'new'))).toEqual(['node.json'])
  })
  it('is gone when the node has stopped', async () => {
    await claimDataDir(dataDir, NODE)
    await releaseDataDir(dataDir)
    expect(await readNodeFile(dataDir)).toBeNull()
  })
  it('keeps a second node out, and says who is there', async () => {
    await claimDataDir(dataDir, { ...NODE, processId: process.ppid })
    await expect(claimDataDir(dataDir, NODE)).rejects.toMatchObject({ code: 'already-running', details: { processId: process.ppid, apiUrl: NODE.apiUrl } })
  })
  it('of a killed node, or torn, is none', async () => {
    await writeFile(join(dataDir, 'node.json'), JSON.stringify({ ...NODE, processId: GONE }))
    expect(await readNodeFile(dataDir)).toBeNull()
    await writeFile(join(dataDir, 'node.json'), JSON.stringify(NODE).slice(0, 20))
    expect(await readNodeFile(dataDir)).toBeNull()
    await claimDataDir(dataDir, NODE)
    expect(await readNodeFile(dataDir)).toEqual(NODE)
  })
})
