// The thread in which a target runs, so that an input on which it hangs is also detected.
import { parentPort, workerData } from 'node:worker_threads'
import type { FuzzTarget } from './fuzz-target.ts'
import { mutate, seededNumbers } from './mutate.ts'

/** The thread's input. `current` contains the running input: its length, a counter and its bytes. */
export interface FuzzWorkerData {
  readonly file: string
  readonly seed: number
  readonly durationMs: number
  readonly found: readonly Uint8Array[]
  readonly current: SharedArrayBuffer
}

export type FuzzWorkerAnswer = { readonly runs: number; readonly fault: { readonly bytes: Uint8Array; readonly message: string } | null }

/** An input that takes this much of the thread's processor time would block a node. The load of the machine does not affect this. */
const SLOW_MS = 1000

const { file, seed, durationMs, found, current } = workerData as FuzzWorkerData
const { default: target } = (await import(file)) as { default: FuzzTarget }
const head = new Int32Array(current, 0, 2)
const body = new Uint8Array(current, 8)

async function faultOf(bytes: Buffer): Promise<string | null> {
  head[0] = bytes.length
  body.set(bytes)
  head[1] = (head[1] ?? 0) + 1
  const start = process.threadCpuUsage()
  try {
    await target.run(bytes)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const { user, system } = process.threadCpuUsage(start)
  const tookMs = (user + system) / 1000
  return tookMs > SLOW_MS ? `it took ${Math.round(tookMs)} ms` : null
}

async function fuzz(): Promise<FuzzWorkerAnswer> {
  const below = seededNumbers(seed)
  const words = (target.words ?? []).map((word) => Buffer.from(word))
  const inputs = [...target.seeds.map((input) => Buffer.from(input as Uint8Array)), ...found.map((input) => Buffer.from(input))]
  const endMs = performance.now() + durationMs
  let runs = 0
  const answer = async (bytes: Buffer): Promise<FuzzWorkerAnswer | null> => {
    const message = await faultOf(Buffer.from(bytes))
    runs += 1
    return message === null ? null : { runs, fault: { bytes, message } }
  }
  for (const input of inputs) {
    const fault = await answer(input)
    if (fault) return fault
  }
  while (performance.now() < endMs) {
    const fault = await answer(mutate(inputs, words, below))
    if (fault) return fault
  }
  return { runs, fault: null }
}

parentPort?.postMessage(await fuzz())
