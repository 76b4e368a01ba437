import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RouteAnswer, startAnsweringNode } from '../__fixtures__/start-answering-node.ts'
import { type CommandLineRun, runCommandLine } from '../__fixtures__/run-command-line.ts'

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-cli-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const exo = (...words: string[]): Promise<CommandLineRun> => runCommandLine(...words, '--data-dir', dataDir)

/** Runs a command next to a node that answers these routes. */
async function exoWithNode(
  answers: Readonly<Record<string, RouteAnswer>>,
  ...words: string[]
): Promise<CommandLineRun & { asked: string[] }> {
  await using node = await startAnsweringNode(dataDir, answers)
  return { ...(await exo(...words)), asked: node.asked }
}

const studio = 'abcdefghijklmnop234567qrstuvwxyz'
const other = 'b'.repeat(32)
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
const view = {
  nodeId: studio,
  clusterName: 'desk',
  leader: { nodeId: studio, term: 1 },
  nodes: { [studio]: node('studio-1'), [other]: node('studio-2') },
  links: [{ from: studio, to: other, kind: 'tcp', address: '10.0.0.2', medium: 'thunderbolt', sealed: true, roundTripMs: 0.25 }],
  instances: {
    i1: {
      modelId: 'org/model',
      strategy: 'pipeline',
      backend: 'ring',
      epoch: 1,
      status: 'ready',
      shards: [studio, other].map((nodeId, rank) => ({
        nodeId,
        rank,
        stage: rank,
        layers: { start: 16 * rank, end: 16 * rank + 16 },
        weightBytes: 2 ** 30,
        residentBytes: 2 ** 30,
        status: 'ready',
      })),
      rdmaMatrix: null,
      decodeTokensPerSecond: 42.34,
      prefillTokensPerSecond: null,
      reasons: ['jaccl: there is no Thunderbolt cable'],
    },
  },
  downloads: [],
}
const membership = {
  clusterName: 'desk',
  hasKey: true,
  admission: 'members',
  closed: {
    members: [{ nodeId: other, name: 'studio-2', cause: 'cable', admittedAtMs: Date.UTC(2026, 0, 2, 3, 4), isLinked: true }],
    waiting: [
      { nodeId: studio, name: 'studio 3', address: '10.0.0.3', sinceMs: 0, waitsFor: 'this-side', wasRemoved: false },
      { nodeId: other, name: 'studio-4', address: '10.0.0.4', sinceMs: 0, waitsFor: 'other-side', wasRemoved: false },
    ],
    letInBy: null,
    isWindowOpen: true,
  },
  ownClusterName: 'studio-1',
  isSwitching: false,
  nearby: [],
  pairing: null,
}

describe('commands that ask the running node', () => {
  it.each([['ps'], ['links'], ['members'], ['admit', 'x'], ['refuse', 'x'], ['remove', 'x'], ['join', 'x'], ['leave'], ['trace', 'last']])(
    'exo %s says in one line that no node is running',
    async (...words) => {
      const { status, out, err } = await exo(...words)
      expect([status, out]).toEqual([1, ''])
      expect(err).toMatch(/^exo: No node is running with .*\n$/)
      expect(err).toContain(dataDir)
    },
  )
  it.each([
    [['ps'], 'GET /state'],
    [['members'], 'GET /cluster'],
    [['admit', 'studio-3'], 'POST /cluster/admit'],
    [['leave'], 'POST /cluster/leave'],
  ])('exo %j passes on why the node refuses', async (words, route) => {
    const refusal = { status: 409, code: 'invalid-request', message: 'The node is leaving.' }
    const { status, out, err } = await exoWithNode({ [route]: refusal }, ...words)
    expect([status, out, err]).toEqual([1, '', 'exo: The node is leaving.\n'])
  })
  it('ps lists each shard with its node', async () => {
    const { status, out } = await exoWithNode({ 'GET /state': { body: view } }, 'ps')
    expect(status).toBe(0)
    const [head, first, second, reason] = out.split('\n')
    expect(head).toMatch(/^INSTANCE\s+MODEL\s+STATUS/)
    expect(first).toMatch(/^i1\s+org\/model\s+ready\s+pipeline\/ring\s+42\.3\s+studio-1\s+0-15\s+ready\s+1\.1 GB/)
    expect(second).toMatch(/^\s+studio-2\s+16-31/)
    expect(reason).toBe('i1: jaccl: there is no Thunderbolt cable')
    const json = await exoWithNode({ 'GET /state': { body: view } }, 'ps', '--json')
    expect(JSON.parse(json.out)).toEqual(view.instances)
  })
  it('ps says that nothing is loaded', async () => {
    expect((await exoWithNode({ 'GET /state': { body: { ...view, instances: {} } } }, 'ps')).out).toBe('No model is loaded.\n')
  })
  it('links shows the paths, and measures them when asked', async () => {
    const state: Record<string, RouteAnswer> = { 'GET /state': { body: view } }
    expect((await exoWithNode(state, 'links')).out).toMatch(/studio-1\s+studio-2\s+tcp, thunderbolt\s+10\.0\.0\.2\s+yes\s+0\.25 ms/)
    const measured = { links: [{ ...view.links[0], throughputBytesPerSecond: 2 ** 31 }] }
    const { out, asked } = await exoWithNode({ ...state, 'POST /links/measure': { body: measured } }, 'links', '--measure')
    expect(out).toMatch(/0\.25 ms\s+2\.1 GB\/s/)
    expect(asked).toEqual(['POST /links/measure {}', 'GET /state'])
  })
  it('links says that the node is alone', async () => {
    expect((await exoWithNode({ 'GET /state': { body: { ...view, links: [] } } }, 'links')).out).toContain('alone in its cluster')
  })
  it('members lists who is in, who waits, and what to type', async () => {
    const { out } = await exoWithNode({ 'GET /cluster': { body: membership } }, 'members')
    expect(out).toMatch(/studio-2\s+bbbb-bbbb-bbbb-bbbb\s+here\s+connected by cable\s+2026-01-02 03:04/)
    expect(out).toMatch(/studio 3\s+abcd-efgh-ijkl-mnop\s+10\.0\.0\.3\s+exo admit abcdefghijkl/)
    expect(out).toMatch(/studio-4\s.*there: exo admit, or exo join desk/)
    expect(out).toContain('admitted automatically')
    const open = await exoWithNode({ 'GET /cluster': { body: { ...membership, admission: 'open', closed: null } } }, 'members')
    expect(open.out).toContain('any exo on this network can join')
  })
  it.each([
    ['admit', 'is admitted'],
    ['refuse', 'is refused'],
    ['remove', 'is removed'],
  ])('%s names the machine to the node', async (command, text) => {
    const { out, asked } = await exoWithNode({ [`POST /cluster/${command}`]: { body: membership } }, command, 'studio-3')
    expect(out).toContain(`studio-3 ${text}`)
    expect(asked).toEqual([`POST /cluster/${command} {"name":"studio-3"}`])
  })
  it('join sends the key of a file, and says whether a person must admit this machine', async () => {
    const keyFile = join(dataDir, 'key')
    await writeFile(keyFile, 'correct horse battery\n')
    const joined = { 'POST /cluster/join': { body: { ...membership, admission: 'key', closed: null } } }
    const withKey = await exoWithNode(joined, 'join', 'lab', '--key-file', keyFile)
    expect(withKey.asked).toEqual(['POST /cluster/join {"clusterName":"lab","key":"correct horse battery"}'])
    expect(withKey.out).toBe('This machine joined lab.\n')
    expect((await exoWithNode({ 'POST /cluster/join': { body: membership } }, 'join', 'lab')).out).toContain('run exo admit on a member')
  })
  it('leave says where the machine is now', async () => {
    expect((await exoWithNode({ 'POST /cluster/leave': { body: membership } }, 'leave')).out).toContain('in studio-1')
  })
  it('trace sums what each kind of span took, and writes the trace to a file', async () => {
    const span = (name: string, dur: number) => ({ name, ph: 'X', dur })
    const body = {
      traceEvents: [span('prefill', 20_000), span('decode', 1_000), span('decode', 3_000), { name: 'mark', ph: 'i' }],
      otherData: { requestId: 'r1', model: 'org/model', durationMs: 24, isCut: true },
    }
    const answers = { 'GET /trace/last': { body } }
    const { out } = await exoWithNode(answers, 'trace', 'last')
    expect(out).toContain('org/model  r1  24.0 ms (only the first events are kept)')
    expect(out).toMatch(/decode\s+2\s+4\.0\s+2\.00\s+3\.0/)
    expect(out).not.toContain('mark')
    const file = join(dataDir, 'trace.json')
    await exoWithNode(answers, 'trace', 'last', '--output', file)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(body)
  })
  it('--list-peers shows what the node sees', async () => {
    const peer = {
      nodeId: other,
      name: 'studio-9',
      clusterName: 'lab',
      needsKey: true,
      totalBytes: 2 ** 36,
      addresses: ['10.0.0.9'],
      status: 'refused',
      reason: 'another key',
      roundTripMs: null,
    }
    const { out } = await exoWithNode({ 'GET /peers': { body: { peers: [peer] } } }, '--list-peers')
    expect(out).toMatch(/studio-9\s+bbbbbbbbbbbb\s+lab \(key\)\s+refused: another key\s+68\.7 GB\s+10\.0\.0\.9/)
    expect((await exoWithNode({ 'GET /peers': { body: { peers: [] } } }, '--list-peers')).out).toContain('No other nodes found.')
  })
  it('history prints CSV that quotes what it must', async () => {
    const table = { columns: [{ name: 'model', type: 'VARCHAR' }], rows: [['a,"b"']], truncated: false }
    const { out, asked } = await exoWithNode({ 'POST /history/sql': { body: table } }, 'history', '--sql', 'SELECT 1', '--csv')
    expect(out.trim().split(/\r?\n/)).toEqual(['model', '"a,""b"""'])
    expect(asked).toEqual(['POST /history/sql {"sql":"SELECT 1"}'])
  })
})

describe('tokens', () => {
  it('are made, listed and revoked without a node', async () => {
    expect((await exo('tokens')).out).toContain('No named tokens yet.')
    const made = await exo('tokens', 'new', 'laptop')
    expect(made.out).toMatch(/^\S{20,}\n$/)
    expect((await exo('tokens')).out).toMatch(/laptop\s+inference/)
    expect((await exo('tokens', 'new', 'laptop')).status).toBe(1)
    expect((await exo('tokens', 'revoke', 'laptop')).out).toBe('laptop is revoked.\n')
    expect(await exo('tokens', 'revoke', 'laptop')).toMatchObject({ status: 1, out: '' })
  })
  it('cannot have a name that is wrong usage', async () => {
    expect(await exo('tokens', 'new', '../x')).toMatchObject({ status: 2, out: '' })
  })
  it('go through the node that runs, so that they hold at once', async () => {
    const body = { name: 'laptop', rights: 'admin', token: 'exo-123', createdAt: '2026-01-01T00:00:00.000Z' }
    const { out, asked } = await exoWithNode({ 'POST /tokens': { body } }, 'tokens', 'new', 'laptop', '--rights', 'admin')
    expect(out).toBe('exo-123\n')
    expect(asked).toEqual(['POST /tokens {"name":"laptop","rights":"admin"}'])
  })
})

describe('commands on the files of this machine', () => {
  it('models alias adds, lists and removes', async () => {
    expect((await exo('models', 'alias')).out).toContain('No aliases yet.')
    expect((await exo('models', 'alias', 'fast', 'org/model')).out).toBe('fast is now an alias of org/model.\n')
    expect((await exo('models', 'alias')).out).toMatch(/fast\s+org\/model/)
    expect((await exo('models', 'alias', 'fast', '--rm')).out).toBe('fast is no longer an alias.\n')
  })
  it('models set keeps, shows, clears and checks', async () => {
    expect((await exo('models', 'set')).out).toContain('No model has settings.')
    expect((await exo('models', 'set', 'org/model', 'temperature=0.5')).out).toBe('org/model  temperature=0.5\n')
    expect((await exo('models', 'set')).out).toMatch(/org\/model\s+temperature=0\.5/)
    expect((await exo('models', 'set', 'org/model', '--reset')).out).toBe('org/model has no settings.\n')
    expect(await exo('models', 'set', 'org/model', 'speed=9')).toMatchObject({ status: 1, out: '' })
    expect((await exo('models', 'set', 'nothing')).err).toContain('exo models ls')
  })
  it('models rm and import name what is wrong, and change nothing', async () => {
    expect(await exo('models', 'rm', 'org/none')).toMatchObject({ status: 1, out: '' })
    const missing = await exo('models', 'import', join(dataDir, 'none.gguf'))
    expect([missing.status, missing.out]).toEqual([1, ''])
    expect(missing.err).toContain('none.gguf')
    await writeFile(join(dataDir, 'text.gguf'), 'hello')
    expect(await exo('models', 'import', join(dataDir, 'text.gguf'))).toMatchObject({ status: 1, out: '' })
  })
  it('plan splits a model of the catalogue over a topology', async () => {
    const topology = join(dataDir, 'topology.json')
    const memory = { totalBytes: 2 ** 33, availableBytes: 2 ** 33 }
    const links = [
      { from: 'a', to: 'b', kind: 'tcp', address: '10.0.0.2' },
      { from: 'b', to: 'a', kind: 'tcp', address: '10.0.0.1' },
    ]
    await writeFile(topology, JSON.stringify({ nodes: { a: memory, b: memory }, links }))
    const { status, out } = await exo('plan', '--model', 'smollm2', '--topology', topology, '--min-nodes', '2')
    expect(status).toBe(0)
    expect(out).toMatch(/^pipeline parallel, ring\nNODE\s+RANK/)
    const refused = await exo('plan', '--model', 'smollm2', '--topology', topology, '--min-nodes', '3', '--json')
    expect(refused.status).toBe(1)
    expect(JSON.parse(refused.out).error.code).toMatch(/^placement-|^not-enough/)
    await writeFile(topology, '{')
    expect((await exo('plan', '--model', 'smollm2', '--topology', topology)).err).toContain('not valid JSON')
    expect((await exo('plan', '--model', 'smollm2', '--topology', join(dataDir, 'none'))).err).toContain('cannot be read')
  })
  it('cluster new-key prints another 256-bit key each time', async () => {
    const [one, two] = [await runCommandLine('cluster', 'new-key'), await runCommandLine('cluster', 'new-key')]
    expect(one.out).toMatch(/^[0-9a-f]{64}\n$/)
    expect(two.out).not.toBe(one.out)
  })
  it('identity new makes a key that only the user can read, and keeps the one before', async () => {
    const first = await exo('identity', 'new')
    expect(first.out).toMatch(/^This node will be [a-z2-7]{32} after its next start\.\n$/)
    expect((await stat(join(dataDir, 'identity.pem'))).mode & 0o777).toBe(0o600)
    expect((await exo('identity', 'new')).out).toContain('The previous identity is kept in')
  })
})
