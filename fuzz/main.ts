// `node fuzz/main.ts [--seconds N] [--seed N] [NAME ...]`: runs each fuzz/<NAME>.fuzz.ts for N seconds. Its last line:
// `N passed, N failed`.
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { FuzzWorkerAnswer, FuzzWorkerData } from './fuzz-worker.ts'

const MAX_INPUT_BYTES = 1024 * 1024
/** A parser that takes longer on an input hangs. The limit is too long to be caused by a busy machine. */
const HANG_MS = 60_000

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const folder = import.meta.dirname
const names = globSync('*.fuzz.ts', { cwd: folder })
  .map((file) => basename(file, '.fuzz.ts'))
  .sort()
const wanted = positionals.length === 0 ? names : positionals
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`No fuzzer is called ${unknown.join(', ')}. There are: ${names.join(', ')}.\n`)
  process.exit(2)
}

/** Inputs that revealed a bug are stored in fuzz/found/<name>/ and run first. Commit them. */
function foundInputs(name: string): Uint8Array[] {
  const found = join(folder, 'found', name)
  return existsSync(found)
    ? readdirSync(found)
        .sort()
        .map((file) => readFileSync(join(found, file)))
    : []
}

function keep(name: string, bytes: Uint8Array): string {
  const file = join(folder, 'found', name, createHash('sha256').update(bytes).digest('hex').slice(0, 16))
  mkdirSync(join(folder, 'found', name), { recursive: true })
  writeFileSync(file, bytes)
  return file
}

function runOne(name: string): Promise<FuzzWorkerAnswer> {
  const current = new SharedArrayBuffer(8 + MAX_INPUT_BYTES)
  const head = new Int32Array(current, 0, 2)
  const inputNow = (): Uint8Array => new Uint8Array(current, 8, head[0]).slice()
  const workerData: FuzzWorkerData = {
    file: join(folder, `${name}.fuzz.ts`),
    seed: Number(values.seed),
    durationMs: Number(values.seconds) * 1000,
    found: foundInputs(name),
    current,
  }
  const worker = new Worker(join(folder, 'fuzz-worker.ts'), { workerData })
  return new Promise((resolve) => {
    let before = 0
    const settle = (answer: FuzzWorkerAnswer): void => {
      clearInterval(watch)
      void worker.terminate()
      resolve(answer)
    }
    const fault = (message: string): void => settle({ runs: head[1] ?? 0, fault: { bytes: inputNow(), message } })
    const watch = setInterval(() => {
      const runs = head[1] ?? 0
      if (runs > 0 && runs === before) fault(`it hangs for more than ${HANG_MS / 1000} s`)
      before = runs
    }, HANG_MS)
    worker.once('message', settle)
    worker.once('error', (error) => fault(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    worker.once('exit', () => fault('its thread ended'))
  })
}

let failed = 0
const waiting = [...wanted]
async function runWaiting(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { runs, fault } = await runOne(name)
    process.stdout.write(`figure: fuzz ${name} ${runs} inputs in ${values.seconds} s\n`)
    if (!fault) continue
    failed += 1
    process.stdout.write(`FAILED fuzz ${name}: ${fault.message}\n  the input is stored as ${keep(name, fault.bytes)}\n`)
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, runWaiting))
process.stdout.write(`${wanted.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
