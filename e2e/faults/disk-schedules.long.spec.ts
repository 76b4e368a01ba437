import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorMessage } from '../../main/shared/app-error.ts'
import { get, post } from '../node/call-api.ts'
import { defaultModelFile } from '../node/default-model.ts'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const SCHEDULES = Number(process.env['EXO_SCHEDULES'] ?? 40)
const FIRST_SEED = Number(process.env['EXO_FIRST_SEED'] ?? 1)
const ACTS = 6
/** A schedule without faults that checks everything comes after this many. */
const CALM_EACH = 5
/** Rows younger than this may be lost. */
const LOSS_LIMIT_MS = 1_000
const FIRST_PORT = 1024
/** Faults must not make a start hang, but the machine may be busy. */
const START_LIMIT_MS = 180_000

/** How a life of the node ended. */
type End = 'killed by a fault' | 'killed' | 'stopped'

/**
 * One data folder through many lives of a node whose disk fails by chance: no space, errors, no descriptors, and deaths in the middle
 * of a write. Both the node and its processes are affected.
 */
describe('D1: a node on a failing disk', () => {
  let folder: string
  let dataDir: string
  let launcher: string
  let library: string
  let model: string
  let port = FIRST_PORT
  let confirmedPort = FIRST_PORT
  const due = new Map<string, number>()
  /** Of lives with faults, where the journal or the catalog may be what failed: counted, not asserted. */
  const endangered = new Map<string, number>()
  const ends: Record<End, number> = { 'killed by a fault': 0, killed: 0, stopped: 0 }
  let refused = 0
  let lost = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exo-failing-disk-'))
    dataDir = join(folder, 'data')
    library = join(folder, 'failing-disk.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, '../harness/failing_disk.c'), '-ldl'])
    launcher = join(folder, 'exo')
    const program = `exec ${process.execPath} ${join(projectDir, 'dist', 'exo.mjs')} "$@"`
    writeFileSync(launcher, `#!/bin/sh\n${program}\n`, { mode: 0o755 })
    model = 'exo/kept'
    execFileSync(launcher, ['models', 'import', defaultModelFile, '--id', model, '--data-dir', dataDir])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const start = (seed: number | null): Promise<RunningExo> =>
    startExo({
      launcher,
      dataDir,
      arguments: ['--no-default-model'],
      awaitModel: false,
      timeoutMs: START_LIMIT_MS,
      ...(seed === null
        ? {}
        : {
            env: { LD_PRELOAD: library, EXO_FAULT_DIR: dataDir, EXO_FAULT_SEED: String(seed), EXO_FAULT_EACH: String(15 + (seed % 60)) },
          }),
    })

  /** @returns null where a fault killed it while it started. @throws if it ended by itself */
  const startFaulty = async (seed: number): Promise<RunningExo | null> => {
    try {
      return await start(seed)
    } catch (error) {
      if (errorMessage(error).includes('signal SIGKILL')) return null
      throw new Error(`seed ${seed}: ${errorMessage(error)}`, { cause: error })
    }
  }

  const checkSettings = async ({ apiUrl, output }: RunningExo, seed: number): Promise<void> => {
    const { status, body } = await get(apiUrl, '/settings')
    expect(status, output()).toBe(200)
    expect(body.chosen.port ?? FIRST_PORT, `seed ${seed}: ${output()}`).toBeGreaterThanOrEqual(confirmedPort)
    expect(body.chosen.port ?? FIRST_PORT).toBeLessThanOrEqual(port)
  }

  const checkRows = async ({ apiUrl, output }: RunningExo, seed: number): Promise<void> => {
    const { status, body } = await get(apiUrl, '/history?limit=10000')
    expect(status, `seed ${seed}: ${JSON.stringify(body)}\n${output()}`).toBe(200)
    const ids = (body.inferences as { request_id: string }[]).map((row) => row.request_id)
    expect(new Set(ids).size, 'no row twice').toBe(ids.length)
    const kept = new Set(ids)
    expect([...due.keys()].filter((id) => !kept.has(id))).toEqual([])
    lost = [...endangered.keys()].filter((id) => !kept.has(id)).length
  }

  const act = async ({ apiUrl }: RunningExo, number: number, rows: Map<string, number>): Promise<void> => {
    if (number % 2 === 0) {
      port += 1
      const answer = await post(apiUrl, '/settings', { port })
      if (answer.status === 200) confirmedPort = port
      else refused += 1
      return
    }
    const { status, body } = await post(apiUrl, '/v1/completions', { model, prompt: 'Once', max_tokens: 1 })
    if (status === 200) rows.set(body.id, Date.now())
    else refused += 1
  }

  /** The process may die in the middle of any act. */
  const live = async (node: RunningExo, seed: number): Promise<void> => {
    const rows = new Map<string, number>()
    let hasDied = false
    void node.exited.then(() => (hasDied = true))
    for (let number = 0; number < ACTS && !hasDied; number += 1) {
      await act(node, number, rows).catch(() => undefined)
      await sleep((seed * 37 + number * 101) % 150)
    }
    if (!hasDied) await sleep(LOSS_LIMIT_MS + 100)
    const endedMs = Date.now()
    if (hasDied) ends['killed by a fault'] += 1
    else if (seed % 2 === 0) {
      ends.killed += 1
      if (existsSync(`/proc/${node.processId}`)) process.kill(node.processId, 'SIGKILL')
      await node.exited
    } else {
      ends.stopped += 1
      await node.stop()
    }
    // Rows that the disk refuses wait in memory, which a node that is killed takes with it.
    if (node.output().includes('journal cannot be written')) return
    for (const [requestId, atMs] of rows) if (endedMs - atMs > LOSS_LIMIT_MS) endangered.set(requestId, atMs)
  }

  it(
    `keeps settings and rows through ${SCHEDULES} random schedules, and starts each time`,
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed += 1) {
        const node = await startFaulty(seed)
        if (node === null) ends['killed by a fault'] += 1
        else {
          await checkSettings(node, seed).catch((error: unknown) => {
            if (existsSync(`/proc/${node.processId}`)) throw error
          })
          await live(node, seed)
        }
        if (seed % CALM_EACH !== 0) continue
        const calm = await start(null)
        await checkSettings(calm, seed)
        await checkRows(calm, seed)
        expect(readFileSync(join(dataDir, 'identity.pem'), 'utf8')).toContain('PRIVATE KEY')
        for (const number of [1, 3]) await act(calm, number, due)
        await sleep(LOSS_LIMIT_MS)
        process.kill(calm.processId, 'SIGKILL')
        await calm.exited
      }
      for (const [end, count] of Object.entries(ends)) reportFigure(`lives of a node on a failing disk that ended: ${end}`, count, '')
      reportFigure('acts refused for the disk', refused, '')
      reportFigure('rows of lives without faults, all kept', due.size, '')
      reportFigure(`of ${endangered.size} rows of lives with faults, lost`, lost, '')
    },
    SCHEDULES * 60_000,
  )
})
