import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Question } from '../cluster/lab/ask.ts'
import { defaultModel } from '../node/default-model.ts'
import { workersOf } from '../node/processes.ts'
import { reportFigure } from '../node/report-figure.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const SLOW_MINUTES = Number(process.env['EXO_SLOW_MINUTES'] ?? 3)
/** A fiftieth of a processor. */
const SLOW_SHARE = 0.02
const FOUND_WITHIN_MS = 15_000
/** Beside more programs per processor than this, a thread that spins takes as much longer to use what convicts it. */
const BUSY_LOAD = 6
/** Programs that compute beside the one under test. */
const BURNERS = 3 * availableParallelism()
const BREAK_AT_PART = 6
/** Of glibc. */
const SIGRTMIN = 34

const LONG: Question = {
  prompt: 'The machine room was quiet, and the fans turned slowly in the dark. '.repeat(40),
  temperature: 0.8,
  maxTokens: 24,
}
const SHORT: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, maxTokens: 120 }

/** Limits a process to a share of one processor until the result is called. */
function throttle(processId: number, share: number): () => void {
  const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
  const root = isV2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu'
  const group = join(root, `exo-slow-${processId}`)
  mkdirSync(group)
  const periodUs = 100_000
  if (isV2) writeFileSync(join(group, 'cpu.max'), `${periodUs * share} ${periodUs}`)
  else writeFileSync(join(group, 'cpu.cfs_quota_us'), String(periodUs * share))
  writeFileSync(join(group, 'cgroup.procs'), String(processId))
  return () => {
    if (existsSync(`/proc/${processId}`)) writeFileSync(join(root, 'cgroup.procs'), String(processId))
    rmdirSync(group)
  }
}

/** The thread of a process that computes most: the engine's. */
function busiestThread(processId: number): number {
  const spent = (thread: string): number => {
    const fields = readFileSync(`/proc/${processId}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
  const before = new Map(readdirSync(`/proc/${processId}/task`).map((thread) => [thread, spent(thread)]))
  execFileSync('sleep', ['0.3'])
  const [most = ''] =
    [...before].map(([thread, ticks]) => [thread, spent(thread) - ticks] as const).toSorted((a, b) => b[1] - a[1])[0] ?? []
  return Number(most)
}

/** Keeps every processor busy until the result is called. */
function burn(): () => void {
  const burners = Array.from({ length: BURNERS }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }))
  return () => burners.forEach((burner) => burner.kill('SIGKILL'))
}

function signalThread(processId: number, thread: number, number: number): void {
  const call = 'import ctypes, sys; sys.exit(ctypes.CDLL(None).tgkill(*map(int, sys.argv[1:])))'
  execFileSync('python3', ['-c', call, String(processId), String(thread), String(number)])
}

describe('F1: a lone worker', () => {
  let node: RunningExo
  let folder: string
  let model: string
  const reference: Record<'long' | 'short', string> = { long: '', short: '' }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exo-seized-'))
    const library = join(folder, 'seized-thread.so')
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(import.meta.dirname, '../harness/seized_thread.c')])
    node = await startExo({ env: { LD_PRELOAD: library } })
    model = (await defaultModel(node)).model
    reference.long = (await ask(node.apiUrl, model, LONG)).text
    reference.short = (await ask(node.apiUrl, model, SHORT)).text
  })
  afterAll(async () => {
    await node?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const worker = (): number => workersOf(nodeProcess())[0]?.processId ?? 0
  const nodeProcess = (): number => (JSON.parse(readFileSync(join(node.dataDir, 'node.json'), 'utf8')) as { processId: number }).processId

  it(
    `is not ended in ${SLOW_MINUTES} minutes at a fiftieth of its speed`,
    async () => {
      const slow = worker()
      const release = throttle(slow, SLOW_SHARE)
      const startedMs = performance.now()
      // Not in the prefix cache.
      const question = { ...LONG, prompt: `Someone walked in. ${LONG.prompt}`, maxTokens: 200 * SLOW_MINUTES }
      let isOver = false
      const answering = ask(node.apiUrl, model, question).finally(() => (isOver = true))
      try {
        while (!isOver && performance.now() - startedMs < SLOW_MINUTES * 60_000) {
          await sleep(1_000)
          expect(worker()).toBe(slow)
        }
      } finally {
        release()
      }
      reportFigure('minutes at a fiftieth of a processor', (performance.now() - startedMs) / 60_000, 'min')
      const { text } = await answering
      expect(worker()).toBe(slow)
      expect(text).toBe((await ask(node.apiUrl, model, question)).text)
    },
    (SLOW_MINUTES + 5) * 60_000,
  )

  it.each([
    ['spins', 0, (processId: number) => signalThread(processId, busiestThread(processId), SIGRTMIN + 1)],
    ['is deadlocked', 0, (processId: number) => signalThread(processId, busiestThread(processId), SIGRTMIN + 2)],
    ['is stopped', 0, (processId: number) => process.kill(processId, 'SIGSTOP')],
    ['spins', BURNERS, (processId: number) => signalThread(processId, busiestThread(processId), SIGRTMIN + 1)],
    ['is deadlocked', BURNERS, (processId: number) => signalThread(processId, busiestThread(processId), SIGRTMIN + 2)],
  ])(
    'that %s, beside %i busy programs, is ended in 15 seconds, and the answer goes on after one more try',
    async (what, burners, seize) => {
      const seized = worker()
      const relieve = burners > 0 ? burn() : () => undefined
      let seizedMs = 0
      const answering = ask(node.apiUrl, model, SHORT, (count) => {
        if (count !== BREAK_AT_PART) return
        seize(seized)
        seizedMs = performance.now()
      })
      while (seizedMs === 0 || existsSync(`/proc/${seized}`)) await sleep(50)
      const foundMs = performance.now() - seizedMs
      const loads = Math.max(burners, loadavg()[0]!) / availableParallelism()
      relieve()
      reportFigure(`a worker that ${what} beside ${burners} busy programs is ended after`, foundMs / 1000, 's')
      expect((await answering).text).toBe(reference.short)
      expect(foundMs).toBeLessThan(FOUND_WITHIN_MS * Math.max(1, loads / BUSY_LOAD))
    },
    120_000,
  )
})
