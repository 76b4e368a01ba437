import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../main/platform/network/free-ports.ts'
import { MAX_ROUND } from '../../main/shared/wire/peer/election-numbers.ts'
import { get, post } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { HostileMember } from './hostile-member.ts'

const CLUSTER = 'guarded'
const KEY = 'a long key of a guarded cluster'
const QUESTION = { prompt: 'The lighthouse', max_tokens: 4, temperature: 0 }

/** Attacks by peers that speak the link protocol, both strangers and admitted members. */
describe('a hostile peer', () => {
  let folder: string
  let node: RunningExo
  let peerPort: number
  let member: HostileMember
  const nodeArguments = (): string[] => ['--peer-port', String(peerPort), '--cluster', CLUSTER, '--log-level', 'debug']
  const dataDir = (): string => join(folder, 'victim', 'data')
  const startVictim = async (): Promise<void> => {
    node = await startExo({ dataDir: dataDir(), arguments: nodeArguments(), env: { EXO_CLUSTER_KEY: KEY } })
  }
  const state = async () => (await get(node.apiUrl, '/state')).body
  const roundOnDisk = async (): Promise<number> => Number(await readFile(join(dataDir(), 'election-round'), 'utf8'))
  const expectUnharmed = async (): Promise<void> => {
    const { nodes, leader } = await state()
    expect([leader?.nodeId, Object.keys(nodes)]).toEqual([nodeId, expect.arrayContaining([nodeId])])
    const answer = await post(node.apiUrl, '/v1/completions', question)
    expect([answer.status, answer.body.choices?.[0].text]).toEqual([200, text])
  }
  /** The instances as the victim reports them to its members. */
  const instancesAsTold = async (): Promise<Record<string, { readonly placement: { readonly shards: readonly object[] } }>> => {
    member.say({ type: 'events-request', term: member.term, afterIndex: null })
    await expect.poll(() => member.heard.has('cluster-snapshot')).toBe(true)
    const snapshot = member.heard.get('cluster-snapshot')?.['snapshot'] as {
      state: { instances: Awaited<ReturnType<typeof instancesAsTold>> }
    }
    return snapshot.state.instances
  }
  let nodeId: string
  let text: string
  let question: typeof QUESTION & { model: string }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-hostile-'))
    peerPort = (await freePorts(1))[0] ?? 0
    await mkdir(dataDir(), { recursive: true })
    await startVictim()
    nodeId = (await get(node.apiUrl, '/node_id')).body.nodeId as string
    const [instance] = Object.values<{ modelId: string }>((await state()).instances)
    question = { ...QUESTION, model: instance?.modelId ?? '' }
    text = (await post(node.apiUrl, '/v1/completions', question)).body.choices[0].text as string
  }, 120_000)
  afterAll(async () => {
    await node?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    member = await HostileMember.create({
      dataDir: join(folder, `attacker-${Math.random()}`),
      port: peerPort,
      clusterName: CLUSTER,
      clusterKey: KEY,
    })
  })
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.log(node.output().slice(-6000))
    await member.close()
  })

  it('A2: without the key gets no link and is told nothing', async () => {
    for (const clusterKey of [null, 'a wrong key of the cluster']) {
      const stranger = await HostileMember.create({
        dataDir: join(folder, `stranger-${String(clusterKey).length}`),
        port: peerPort,
        clusterName: CLUSTER,
        clusterKey,
      })
      await expect(stranger.join()).rejects.toThrow('no link')
      expect([stranger.links.peers(), [...stranger.heard]]).toEqual([[], []])
      await stranger.close()
    }
    await expectUnharmed()
  }, 60_000)

  it('A1: deletes no folder by the name of an instance', async () => {
    const documents = join(folder, 'victim', 'documents')
    await mkdir(documents, { recursive: true })
    await writeFile(join(documents, 'thesis.txt'), 'years of work')
    await member.join()
    member.report()
    const [[instanceId, instance]] = Object.entries((await state()).instances) as [[string, { modelId: string }]]
    const known = (await instancesAsTold())[instanceId]
    expect(instance.modelId).toBeTruthy()
    for (const name of ['../../documents', '../documents', documents, `${instanceId}/../../documents`, '..', '.', '']) {
      if (member.links.peers().length === 0) break
      member.offer({ [name]: { ...known, instanceId: name, status: 'loading' } })
      await sleep(200)
    }
    await sleep(3000)
    expect(await readFile(join(documents, 'thesis.txt'), 'utf8')).toBe('years of work')
    expect(existsSync(dataDir())).toBe(true)
    // An invalid instance name ends the link to its sender.
    expect(member.ends).not.toEqual([])
    await expectUnharmed()
  }, 60_000)

  it.each([MAX_ROUND, MAX_ROUND + 1, 2 ** 29, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER])(
    'A5: round %d leaves a cluster that works, also after a restart',
    async (round) => {
      await member.join()
      const silent = { type: 'election', claim: null, rival: null, hops: null, isAsking: false }
      for (let time = 0; time < 10; time++) {
        member.say({ ...silent, round })
        member.say({
          ...silent,
          round: 0,
          rival: { leaderId: member.nodeId, term: round * 2 ** 24, beat: 2 ** 40, followers: 1000, ageTicks: 0 },
        })
        await sleep(100)
      }
      await sleep(1500)
      await expectUnharmed()
      expect(await roundOnDisk()).toBeLessThan(MAX_ROUND / 16)
      expect((await state()).leader.term).toBeLessThan(2 ** 53)
      await node.stop()
      await startVictim()
      await expectUnharmed()
    },
    120_000,
  )

  it('A5: a round file that an attack has left is set aside, and the node starts', async () => {
    await node.stop()
    await writeFile(join(dataDir(), 'election-round'), '9007199254740991')
    await startVictim()
    expect(node.output()).toMatch(/election round file is damaged|backup is used/)
    await expectUnharmed()
    expect(await roundOnDisk()).toBeLessThan(MAX_ROUND / 16)
  }, 60_000)

  it('A2, A5: followers that cannot be verified give no leadership, and a node without an election is not followed', async () => {
    await member.join()
    member.report()
    const term = member.termAbove(5)
    for (let beat = 100_000; beat < 100_030; beat++) {
      member.say({
        type: 'election',
        claim: { leaderId: member.nodeId, term, beat, followers: 1000, ageTicks: 0 },
        rival: null,
        hops: 0,
        round: Math.floor(term / 2 ** 24),
        isAsking: false,
      })
      member.say({
        type: 'cluster-snapshot',
        term,
        leaderId: member.nodeId,
        snapshot: { position: { term, index: 1 }, state: { nodes: {}, links: {}, instances: {}, storedModels: {}, deletedInstances: [] } },
      })
      await sleep(100)
    }
    await expectUnharmed()
  }, 60_000)

  it.each([
    [
      'a link from __proto__',
      { type: 'link-observed', link: { kind: 'tcp', from: '__proto__', to: 'a', roundTripMs: null, address: 'x', medium: 'unknown' } },
    ],
    [
      'a shard of constructor',
      {
        type: 'shard-status',
        instanceId: 'constructor',
        epoch: 1,
        rank: 0,
        status: 'ready',
        port: null,
        residentBytes: 0,
        code: null,
        message: null,
      },
    ],
    ['a node called __proto__', { type: 'node-left', nodeId: '__proto__', reason: 'x' }],
  ])(
    'A6: %s ends its link, not the process',
    async (_, event) => {
      await member.join()
      const term = member.termAbove(1)
      member.say({
        type: 'cluster-events',
        term,
        leaderId: member.nodeId,
        base: { term: 0, index: 0 },
        headIndex: 1,
        events: [{ term, index: 1, event }],
      })
      await expect.poll(() => member.ends.length, { timeout: 5000 }).toBe(1)
      expect((await get(node.apiUrl, '/healthz')).status).toBe(200)
      await expectUnharmed()
    },
    60_000,
  )

  it('A6: entries under __proto__ and numbers without bound are words of no node', async () => {
    await member.join()
    member.links.send(
      member.victim!,
      JSON.parse(
        `{"type":"state-offer","term":${member.term},"snapshot":{"state":{"instances":{"__proto__":{"instanceId":"__proto__"}}}}}`,
      ),
    )
    await expect.poll(() => member.ends.length, { timeout: 5000 }).toBe(1)
    await expectUnharmed()
  }, 60_000)

  it('A7: learns nothing of paths, and gets no file that belongs to no model', async () => {
    const secret = join(folder, 'victim', 'secret')
    await mkdir(join(secret, 'private'), { recursive: true })
    await writeFile(join(secret, 'notes.txt'), 'mine')
    await writeFile(join(secret, 'config.json'), '{"model_type":"llama"}')
    await member.join()
    const there = [secret, '/etc', '/etc/hosts', '/', '.', 'node_modules', 'dist']
    const absent = [join(folder, 'nothing'), '/etc/nope', 'no-such-folder']
    const answers = await Promise.all([...there, ...absent].map((name) => member.ask('model-card', { name })))
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ code: 'model-not-found' })]))
    for (const modelId of [...there, ...absent]) {
      expect(await member.ask('model-files', { type: 'list', modelId })).toEqual({ code: 'model-not-found' })
      expect(await member.ask('model-files', { type: 'file', modelId, path: 'notes.txt', start: 0 })).toEqual({ code: 'model-not-found' })
    }
  }, 60_000)

  it('A7: gets of a folder that the user has named only what loading the model takes', async () => {
    const [stored] = Object.values<{ modelId: string }>((await state()).instances)
    const source = join(dataDir(), 'models', ...(stored?.modelId ?? '').split('/'))
    const own = join(folder, 'victim', 'own model')
    await cp(source, own, { recursive: true })
    await mkdir(join(own, 'private'))
    await writeFile(join(own, 'private', 'notes.txt'), 'mine')
    await writeFile(join(own, 'notes.txt'), 'mine')
    await symlink('/etc/hostname', join(own, 'vocab.txt'))
    // A peer that names the folder before the user does gets no information.
    await member.join()
    expect(await member.ask('model-files', { type: 'list', modelId: own })).toEqual({ code: 'model-not-found' })
    expect((await post(node.apiUrl, '/v1/completions', { ...question, model: own })).status).toBe(200)
    const listed = await member.ask('model-files', { type: 'list', modelId: own })
    const paths = 'text' in listed ? (JSON.parse(listed.text) as { files: { path: string }[] }).files.map(({ path }) => path) : []
    expect(paths).toContain('model.safetensors')
    expect(paths.filter((path) => /notes|vocab\.txt|private/.test(path))).toEqual([])
    for (const path of ['notes.txt', 'private/notes.txt', 'vocab.txt'])
      expect(await member.ask('model-files', { type: 'file', modelId: own, path, start: 0 })).toEqual({ code: 'model-file-not-found' })
  }, 120_000)

  it('A4: brings no draft, and no path, into a generation', async () => {
    await member.join()
    const [[instanceId]] = Object.entries((await state()).instances) as [[string, { modelId: string }]]
    for (const modelId of ['some-org/private-model', '/etc', 'local/none']) {
      const generation = {
        generationId: 'g-1',
        promptTokenIds: [1, 2],
        maxTokens: 1,
        stopTokenIds: [],
        sampling: { seed: '1' },
        draft: { modelId, modelDir: '/etc' },
      }
      expect(await member.ask('generation', { instanceId, epoch: 1, generation })).toEqual({ code: 'draft-unsupported' })
    }
    expect(node.output()).not.toMatch(/Fetching some-org|model downloaded/)
  }, 60_000)

  it('A2: answers no prompt in the place of an instance that runs', async () => {
    await member.join()
    member.report()
    const [known] = Object.values(await instancesAsTold())
    const prompts: unknown[] = []
    member.links.handleStream('generation', async (stream) => void prompts.push(stream.header))
    const instanceId = `instance-${'e'.repeat(24)}`
    const shards = known?.placement.shards.map((shard) => ({ ...shard, nodeId: member.nodeId }))
    member.offer({
      [instanceId]: { ...known, instanceId, epoch: 9, lastEpoch: 9, status: 'ready', placement: { ...known?.placement, shards } },
    })
    await sleep(1500)
    for (let time = 0; time < 3; time++) await expectUnharmed()
    expect(prompts).toEqual([])
  }, 60_000)
})
