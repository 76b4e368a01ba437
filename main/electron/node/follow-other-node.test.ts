import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeFile } from '../../node/files/node-file.ts'
import { type ListeningServer, startListeningServer } from '../../platform/__fixtures__/listening-server.ts'
import { followOtherNode } from './follow-other-node.ts'

/** The addresses of two nodes. */
let apis: readonly ListeningServer[] = []
beforeAll(async () => {
  apis = await Promise.all([startListeningServer(), startListeningServer()])
})
afterAll(() => Promise.all(apis.map((api) => api.close())))

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-other-node-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const nodeAt = (index: number): NodeFile => ({
  processId: process.ppid,
  nodeId: 'a',
  version: '0.1.0',
  apiUrl: apis[index]?.url ?? '',
  apiToken: null,
})
const write = (node: NodeFile): Promise<void> => writeFile(join(dataDir, 'node.json'), JSON.stringify(node))

describe('followOtherNode', () => {
  it('tells of the node once, of the next one that takes its place, and ends with the last', async () => {
    const told: string[] = []
    /** The events between two checks. */
    const events = [() => undefined, () => write(nodeAt(1)), () => rm(join(dataDir, 'node.json'))]
    await write(nodeAt(0))
    const clock = { sleep: async () => void (await events.shift()?.()) }
    await followOtherNode({ dataDir, clock, onNode: ({ apiUrl }) => told.push(apiUrl) }, new AbortController().signal)
    expect(told).toEqual(apis.map(({ url }) => url))
  })

  it('looks no more when it is told to stop', async () => {
    const stop = new AbortController()
    await write(nodeAt(0))
    const clock = { sleep: async () => stop.abort() }
    await expect(followOtherNode({ dataDir, clock, onNode: () => undefined }, stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})
