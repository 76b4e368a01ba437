import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { createRunCommand } from '../platform/processes/run-command.ts'
import { AppError } from '../shared/app-error.ts'
import { clusterOf, doctorHardware, healthyFacts, nodeIdOf } from './__fixtures__/doctor-facts.ts'
import { collectDoctorFacts, type DoctorDependencies, type DoctorOptions } from './collect-doctor-facts.ts'
import { runDoctor } from './run-doctor.ts'
import { createSystemProbes, parseFirewall } from './system-probes.ts'

const signal = new AbortController().signal
let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exo-doctor-'))))
afterAll(() => rm(folder, { recursive: true }))

const system = createSystemProbes(process.platform, createRunCommand())
const options = (changes: Partial<DoctorOptions> = {}): DoctorOptions => ({
  version: '0.1.0',
  dataDir: folder,
  modelDir: join(folder, 'models'),
  identityFile: join(folder, 'identity.pem'),
  api: { host: '127.0.0.1', port: 0 },
  peerPort: 0,
  ...changes,
})
const dependencies = (changes: Partial<DoctorDependencies> = {}): DoctorDependencies => ({
  clock: systemClock,
  system,
  readHardware: async () => healthyFacts('one Mac').self!,
  node: null,
  discoverPeers: async () => 2,
  storedModels: async () => [],
  ...changes,
})

describe('runDoctor', () => {
  it('looks at this very machine', async () => {
    const { checks } = await runDoctor(dependencies(), options({ peerPort: 0 }), signal)
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['rdma', 'network', 'peers', 'memory', 'disk-space', 'model-files', 'data-folder', 'identity-file']),
    )
    expect(checks.find(({ id }) => id === 'peers')).toMatchObject({ state: 'ok', finding: '2 found by discovery; exo is not running here' })
  })
  it('ends in failure for a loose key and a port that is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const identityFile = join(folder, 'loose.pem')
    await writeFile(identityFile, 'key')
    await chmod(identityFile, 0o644)
    const report = await runDoctor(dependencies(), options({ identityFile, api: { host: '127.0.0.1', port } }), signal)
    server.close()
    expect(report.hasProblem).toBe(true)
    expect(report.checks.filter(({ state }) => state === 'problem').map(({ id }) => id)).toEqual(['identity-file', 'api-port'])
  })
  it('looks at the whole cluster where a node runs', async () => {
    const hardware = doctorHardware('four Macs, full mesh, RDMA off on one')
    const node = {
      view: async () => clusterOf(hardware),
      hardware: async () => hardware,
      clockSkewMs: async () => new Map([[nodeIdOf(2), 10]]),
      exposure: async () => null,
      sameIdentity: async () => [],
    }
    const { checks, hasProblem } = await runDoctor(dependencies({ node }), options(), signal)
    expect(hasProblem).toBe(true)
    expect(checks.filter(({ state }) => state === 'problem')).toMatchObject([
      { id: 'rdma', finding: expect.stringContaining('rdma-disabled on studio-3') },
    ])
  })
})

describe('collectDoctorFacts', () => {
  it('loses only what fails, and says why', async () => {
    const facts = await collectDoctorFacts(
      dependencies({
        readHardware: async () => Promise.reject(new AppError('hardware-file-invalid', 'the file is broken')),
        storedModels: async () => Promise.reject(new Error('no such folder')),
        node: {
          view: async () => Promise.reject(new Error('401')),
          hardware: async () => new Map(),
          clockSkewMs: async () => new Map(),
          exposure: async () => null,
          sameIdentity: async () => [],
        },
      }),
      options(),
      signal,
    )
    expect(facts).toMatchObject({ self: null, cluster: null, storedModels: null, dataDir: { isWritable: true } })
    expect(facts.missing).toEqual([
      { source: 'hardware', reason: 'the file is broken' },
      { source: 'running node', reason: '401' },
      { source: 'models', reason: 'no such folder' },
    ])
  })
  it('waits for no answer forever', async () => {
    const clock = { ...systemClock, sleep: (_: number, until?: AbortSignal) => systemClock.sleep(200, until) }
    const facts = await collectDoctorFacts(dependencies({ clock, storedModels: () => new Promise(() => undefined) }), options(), signal)
    expect(facts.missing).toEqual([{ source: 'models', reason: 'no answer within 40 s' }])
  })
  it('stops when told', async () => {
    const stop = new AbortController()
    const collecting = collectDoctorFacts(dependencies({ storedModels: () => new Promise(() => undefined) }), options(), stop.signal)
    stop.abort(new Error('interrupted'))
    await expect(collecting).rejects.toThrow('interrupted')
  })
})

describe('createSystemProbes', () => {
  it('finds the disk of a folder that is not there yet', async () => {
    const { path, freeBytes, totalBytes } = await system.diskSpace(join(folder, 'a', 'b'))
    expect(path).toBe(join(folder, 'a', 'b'))
    expect(freeBytes).toBeGreaterThan(0)
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
  })
  it('knows a port in use from a free one', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect(await system.portUse('127.0.0.1', port)).toBe('taken')
    await new Promise((resolve) => server.close(resolve))
    expect(await system.portUse('127.0.0.1', port)).toBe('free')
  })
  it('tries multicast on every interface and ends', async () => {
    for (const trial of await system.multicast())
      expect(trial).toEqual({ interfaceName: expect.any(String), errorCode: trial.errorCode === null ? null : expect.any(String) })
  })
  it.each([
    ['Firewall is disabled. (State = 0)\nFirewall has block all state set to disabled.\n', 'off'],
    ['Firewall is enabled. (State = 1)\nFirewall has block all state set to disabled.\n', 'on'],
    ['Firewall is enabled. (State = 2)\nFirewall has block all state set to enabled.\n', 'blocks-all'],
    ['something new', null],
  ])('reads %j', (text, state) => expect(parseFirewall(text)).toBe(state))
})
