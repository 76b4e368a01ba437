import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorMessage } from '../../main/shared/app-error.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const SCHEDULES = Number(process.env['EXO_SCHEDULES'] ?? 100)
const FIRST_SEED = Number(process.env['EXO_FIRST_SEED'] ?? 1)
const ACTS = 6
/** Rows younger than this may be lost. */
const LOSS_LIMIT_MS = 1_000
const FIRST_PORT = 1024
/** Faults must not make a start hang, but the machine may be busy. */
const START_LIMIT_MS = 180_000

/** The history is read at every so many starts, since that takes longer than all else in a life. */
const ROWS_EACH = 7

type End = 'killed at once' | 'killed later' | 'stopped' | 'questioned, then killed' | 'killed by a fault'
/** How the lives of the node end, by turns. */
const ENDS: readonly End[] = ['killed later', 'killed at once', 'killed later', 'stopped', 'killed later', 'questioned, then killed']

/**
 * One data folder on a small disk through many lives of a node whose disk fails by chance: no space, errors, no descriptors, and deaths
 * in the middle of a write. The faults reach the node and its processes, from the start of a life or from its first act on.
 */
describe('D1: a node on a failing disk', () => {
  let mountPoint: string
  let dataDir: string
  let launcher: string
  let library: string
  let faults: string
  let port = FIRST_PORT
  let confirmedPort = FIRST_PORT
  let refused = 0
  /** Names of models that no node has: each request for one leaves a row, and needs no engine. */
  const due = new Set<string>()
  const ends = new Map<End, number>()

  beforeAll(() => {
    mountPoint = mkdtempSync(join(tmpdir(), 'exo-failing-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mountPoint])
    dataDir = join(mountPoint, 'data')
    faults = join(mountPoint, 'faults')
    library = join(mountPoint, 'failing-disk.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, '../harness/failing_disk.c'), '-ldl'])
    launcher = join(mountPoint, 'exo')
    const program = `exec ${process.execPath} ${join(projectDir, 'dist', 'exo.mjs')} "$@"`
    writeFileSync(launcher, `#!/bin/bash\n[[ -n $FEW_FILES ]] && ulimit -n 48\n${program}\n`, { mode: 0o755 })
  })
  afterAll(() => {
    execFileSync('umount', ['-l', mountPoint])
    rmSync(mountPoint, { recursive: true, force: true })
  })

  const failFromNowOn = (): void => writeFileSync(faults, '')
  const failNoMore = (): void => rmSync(faults, { force: true })
  const filler = (): string => join(mountPoint, 'filler')
  const fill = (): void => {
    const block = Buffer.alloc(4096, 1)
    try {
      for (;;) appendFileSync(filler(), block)
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
    }
  }
  const makeRoom = (): void => rmSync(filler(), { force: true })

  /** @returns null where a fault killed it while it started. @throws if it ended by itself */
  const start = async (seed: number): Promise<RunningExo | null> => {
    try {
      return await startExo({
        launcher,
        dataDir,
        arguments: ['--no-default-model'],
        awaitModel: false,
        timeoutMs: START_LIMIT_MS,
        env: {
          LD_PRELOAD: library,
          EXO_FAULT_DIR: dataDir,
          EXO_FAULT_SWITCH: faults,
          EXO_FAULT_SEED: String(seed),
          EXO_FAULT_EACH: String(10 + (seed % 50)),
          FEW_FILES: seed % 10 === 7 ? 'yes' : '',
        },
      })
    } catch (error) {
      if (existsSync(faults) && errorMessage(error).includes('signal SIGKILL')) return null
      throw new Error(`seed ${seed}: ${errorMessage(error)}`, { cause: error })
    }
  }

  const checkSettings = async ({ apiUrl, output }: RunningExo, seed: number): Promise<void> => {
    const { status, body } = await get(apiUrl, '/settings')
    expect(status, output()).toBe(200)
    expect(body.chosen.port ?? FIRST_PORT, `seed ${seed}: ${output()}`).toBeGreaterThanOrEqual(confirmedPort)
    expect(body.chosen.port ?? FIRST_PORT).toBeLessThanOrEqual(port)
  }

  const checkRows = async ({ apiUrl, output }: RunningExo, seed: number, expected: Iterable<string>): Promise<void> => {
    let answer = await get(apiUrl, '/history?limit=10000')
    // On a busy machine, the process with the catalog may take longer to start than a question may take.
    for (let late = 0; late < 5 && answer.body.error?.code === 'history_timeout'; late++) answer = await get(apiUrl, '/history?limit=10000')
    const { status, body } = answer
    expect(status, `seed ${seed}: ${JSON.stringify(body)}\n${output()}`).toBe(200)
    const names = (body.inferences as { requested_model: string }[]).map((row) => row.requested_model)
    const kept = new Set(names)
    expect(kept.size, 'no row twice').toBe(names.length)
    expect(
      [...expected].filter((name) => !kept.has(name)),
      `seed ${seed}: lost rows\n${output()}`,
    ).toEqual([])
  }

  /** Rows are due by the last answer of a node: when it died, nobody else knows. */
  const answersStill = ({ apiUrl }: RunningExo): Promise<boolean> =>
    get(apiUrl, '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    )

  const act = async ({ apiUrl }: RunningExo, seed: number, number: number, rows: Map<string, number>): Promise<void> => {
    if (number % 2 === 0) {
      port += 1
      const answer = await post(apiUrl, '/settings', { port })
      if (answer.status === 200) confirmedPort = port
      else refused += 1
      return
    }
    const model = `nobody/row-${seed}-${number}`
    const { status } = await post(apiUrl, '/v1/completions', { model, prompt: 'Once', max_tokens: 1 })
    expect(status).toBe(404)
    rows.set(model, Date.now())
  }

  /** Rows that the disk refuses wait in memory, which a node that is killed takes with it. */
  const isKeptWaiting = ({ output }: RunningExo): boolean =>
    output().lastIndexOf('journal cannot be written') > output().lastIndexOf('journal is written again')

  /** @returns how the life ended; the process may die in the middle of any act */
  const live = async (node: RunningExo, seed: number): Promise<End> => {
    const rows = new Map<string, number>()
    let hasDied = false
    void node.exited.then(() => (hasDied = true))
    for (let number = 0; number < ACTS && !hasDied; number += 1) {
      if (seed % 10 === 3 && number === 2) fill()
      if (seed % 10 === 3 && number === 4) makeRoom()
      await act(node, seed, number, rows).catch((error: unknown) => {
        if (!(error instanceof TypeError)) throw error // fetch failed: the node is gone
      })
      await sleep((seed * 37 + number * 101) % 60)
    }
    makeRoom()
    const end = ENDS[seed % ENDS.length]!
    let lastAnswerMs = 0
    const waitsUntilMs = Date.now() + (end === 'killed at once' ? 0 : LOSS_LIMIT_MS + 300)
    while (await answersStill(node)) {
      lastAnswerMs = Date.now()
      if (lastAnswerMs >= waitsUntilMs) break
      await sleep(100)
    }
    if (!hasDied && end === 'questioned, then killed') {
      failNoMore()
      // A call that drew its fault before may still kill the node.
      await sleep(200)
      if (await answersStill(node)) {
        await checkSettings(node, seed)
        await checkRows(node, seed, isKeptWaiting(node) ? [] : rows.keys())
      }
    }
    const wasAlive = !hasDied && (end === 'stopped' || (await answersStill(node)))
    if (hasDied) expect(await node.exited, `seed ${seed}, which no fault killed: ${node.output()}`).toBe(null)
    if (end === 'stopped') await node.stop()
    else if (existsSync(`/proc/${node.processId}`)) process.kill(node.processId, 'SIGKILL')
    await node.exited
    if (!isKeptWaiting(node)) for (const [name, atMs] of rows) if (lastAnswerMs - atMs > LOSS_LIMIT_MS) due.add(name)
    return wasAlive ? end : 'killed by a fault'
  }

  it(
    `loses no setting and no row through ${SCHEDULES} random schedules, and starts each time`,
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed += 1) {
        const startsFailing = seed % 3 === 0
        if (startsFailing) failFromNowOn()
        else failNoMore()
        const node = await start(seed)
        if (node && !startsFailing) {
          await checkSettings(node, seed)
          if (seed % ROWS_EACH === 0) await checkRows(node, seed, due)
          failFromNowOn()
        }
        const end = node ? await live(node, seed) : 'killed by a fault'
        ends.set(end, (ends.get(end) ?? 0) + 1)
        expect(readFileSync(join(dataDir, 'identity.pem'), 'utf8')).toContain('PRIVATE KEY')
      }
      failNoMore()
      const last = await start(0)
      if (last) await checkRows(last, 0, due)
      await last?.stop()
      for (const [end, count] of ends) reportFigure(`lives of a node on a failing disk that ended: ${end}`, count, '')
      reportFigure('acts refused for the disk', refused, '')
      reportFigure('rows that were due, all kept', due.size, '')
    },
    SCHEDULES * 60_000,
  )
})
