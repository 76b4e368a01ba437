import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writePlainModel } from '../../models/quantize/__fixtures__/write-plain-model.ts'
import { writeTinyLlama } from '../../models/gguf/__fixtures__/write-gguf-file.ts'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'
import { type RouteAnswer, startAnsweringNode } from '../__fixtures__/start-answering-node.ts'
import { formatListingDocs } from './format-listing-docs.ts'
import { type Listing, LISTINGS, type ListingName } from './listings.ts'

const [studio, laptop] = ['abcdefghijklmnop234567qrstuvwxyz', 'b'.repeat(32)]
const node = (name: string) => ({
  name,
  platform: 'darwin',
  chip: 'Apple M4 Max',
  totalBytes: 2 ** 36,
  availableBytes: 2 ** 35,
  addresses: ['10.0.0.2'],
  apiPort: 8080,
  version: '0.1.0',
  status: 'ready',
})
const state = {
  nodeId: studio,
  clusterName: 'desk',
  leader: { nodeId: studio, term: 1 },
  nodes: { [studio]: node('studio'), [laptop]: node('laptop') },
  links: [{ from: studio, to: laptop, kind: 'tcp', address: '10.0.0.2', medium: 'thunderbolt', sealed: true, roundTripMs: 0.25 }],
  instances: {
    'instance-1': {
      modelId: 'org/model',
      strategy: 'pipeline',
      backend: 'ring',
      epoch: 1,
      status: 'ready',
      shards: [],
      rdmaMatrix: null,
      decodeTokensPerSecond: 42,
      prefillTokensPerSecond: null,
    },
  },
  downloads: [],
}
const membership = {
  clusterName: 'desk',
  hasKey: true,
  admission: 'members',
  closed: null,
  ownClusterName: 'mine',
  isSwitching: false,
  nearby: [],
  pairing: null,
}
const logs = (nodeId: string) => ({
  nodeId,
  name: nodeId,
  lines: [{ time: '2026-01-02T03:04:05.000Z', level: 'info', text: 'text' }],
  lostLines: 0,
  end: `${'1'.repeat(16)}-1`,
  hasMore: false,
})
const inference = {
  ...{
    id: '1',
    timestamp: '2026-01-02T03:04:05.000Z',
    model: 'org/model',
    prompt_tokens: 1,
    completion_tokens: 2,
    latency_ms: 3,
    devices: 1,
  },
  ...{ strategy: null, trit: 0, seed: null, request_id: null, node: null, instance: null, requested_model: null, backend: null },
  ...{ finish_reason: 'stop', error: null, ttft_ms: 1.5, queue_ms: null, prefill_tokens_per_second: null },
  ...{ decode_tokens_per_second: 2, cached_tokens: 0, resumes: 0 },
}
const token = { name: 'agent', rights: 'inference', createdAt: '2026-01-02T03:04:05.000Z' }
const routes: Readonly<Record<string, RouteAnswer>> = {
  'GET /state': { body: state },
  'GET /cluster': { body: membership },
  [`GET /logs?node=${studio}&lines=100`]: { body: logs(studio) },
  [`GET /logs?node=${laptop}&lines=100`]: { body: logs(laptop) },
  'GET /history?limit=20': { body: { inferences: [inference] } },
  'POST /history/sql': { body: { columns: [{ name: 'a', type: 'INTEGER' }], rows: [[1]], truncated: false } },
  'GET /tokens': { body: { tokens: [token] } },
  'POST /tokens': { body: { ...token, token: 'secret' } },
  'GET /peers': { body: { peers: [] } },
}
/** Measured or searched elsewhere, or covered by the tests of their answers. */
const NOT_RUN: ReadonlySet<ListingName> = new Set(['models search', 'doctor', 'calibrate', 'bench', 'bench --cluster'])
const WORDS: { readonly [Name in ListingName]?: readonly string[] } = {
  'history --sql': ['history', '--sql', 'SELECT 1'],
  'tokens new': ['tokens', 'new', 'agent'],
  'models quantize': ['models', 'quantize', 'local/plain', '--group', '32', '--id', 'local/small'],
}

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-listings-'))
  await mkdir(join(dataDir, 'in'))
  await writeTinyLlama(join(dataDir, 'in', 'tiny.gguf'))
  const exo = (...words: string[]) => runCommandLine(...words, '--data-dir', dataDir)
  expect((await exo('models', 'import', join(dataDir, 'in', 'tiny.gguf'))).err).toBe('')
  await writePlainModel(join(dataDir, 'models', 'local', 'plain'))
  await exo('models', 'set', 'local/tiny', 'temperature=0.5')
  await exo('models', 'alias', 'gpt-4o', 'local/tiny')
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

describe('listings', () => {
  it.each((Object.keys(LISTINGS) as ListingName[]).filter((name) => !NOT_RUN.has(name)))(
    'exo %s --json prints what its schema says',
    async (name) => {
      await using _answering = await startAnsweringNode(dataDir, routes)
      const words = WORDS[name] ?? name.split(' ')
      const { status, out, err } = await runCommandLine(...words, '--json', ...(name === '--version' ? [] : ['--data-dir', dataDir]))
      expect([status, err]).toEqual([0, ''])
      const { schema }: Listing = LISTINGS[name]
      const values: unknown[] =
        name === 'logs'
          ? out
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line) as unknown)
          : [JSON.parse(out)]
      for (const value of values) expect(schema.safeParse(value).error?.issues).toBeUndefined()
      expect(values.length).toBe(name === 'logs' ? 2 : 1)
    },
  )

  it('are those of docs/listings.md: run node setup/generate/write-listing-docs.mjs', async () => {
    expect(await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'listings.md'), 'utf8')).toBe(formatListingDocs())
  })
})
