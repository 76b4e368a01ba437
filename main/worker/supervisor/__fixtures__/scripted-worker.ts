/**
 * A worker process without an engine that misbehaves according to its SCRIPT. It uses only Node, so that it starts
 * fast. Generations count upwards from the last prompt token.
 */
import type { GenerationSpec } from '../../../shared/inference/generation.ts'
import type { WorkerCommand } from '../../../shared/wire/worker/worker-command.ts'

const script = process.env['SCRIPT'] ?? ''
const stats = {
  steps: 0,
  jumpedTokens: 0,
  running: 0,
  waiting: 0,
  activeBytes: 0,
  peakBytes: 0,
  kvBytes: 0,
  prefixCacheBytes: 0,
  sentBytes: 0,
  decodeTokensPerSecond: 0,
  prefillTokensPerSecond: 0,
}
const cancelled = new Set<string>()

const send = (event: unknown): void => void process.send?.(event)
const beat = (): void =>
  send({
    type: 'worker-heartbeat',
    stats,
    loadsDraft: false,
    layersDone: stats.steps,
    stepTokens: 0,
    cpuMs: process.cpuUsage().user / 1_000,
  })

function crash(): void {
  process.stderr.write('[engine] tensor 7 is broken\n', () => process.kill(process.pid, 'SIGSEGV'))
}

async function generate({ generationId, promptTokenIds, maxTokens }: GenerationSpec): Promise<void> {
  stats.running += 1
  send({ type: 'prefill-progress', generationId, doneTokens: promptTokenIds.length, totalTokens: promptTokenIds.length })
  const first = (promptTokenIds.at(-1) ?? 0) + 1
  let finishReason = 'length'
  for (let step = 0; step < maxTokens; step++) {
    if (script === 'crash-at-2' && step === 2) return crash()
    if (script === 'exit-at-2' && step === 2) return process.exit(7)
    if (script === 'garbage-at-2' && step === 2) return send({ type: 'token-delta', tokenId: 'none' })
    if (script === 'stuck-at-2' && step === 2) return
    if (script === 'freeze-at-2' && step === 2) for (;;);
    if (script === 'engine-error' && step === 1)
      return send({ type: 'generation-error', generationId, code: 'engine-busy', message: 'too many' })
    if (cancelled.has(generationId)) {
      finishReason = 'cancelled'
      break
    }
    stats.steps += 1
    send({ type: 'token-delta', generationId, token: { tokenId: first + step, logprob: null, topLogprobs: [] } })
    await new Promise((resolve) => setTimeout(resolve, script === 'flood' ? 0 : 5))
  }
  stats.running -= 1
  send({ type: 'generation-end', generationId, finishReason, timings: { queueMs: 0, prefillMs: 1, decodeMs: 1, cachedTokens: 0 } })
  if (stats.running === 0) beat()
}

function execute(command: WorkerCommand): void {
  switch (command.type) {
    case 'load-shard':
      if (script === 'damaged') {
        send({
          type: 'worker-error',
          code: 'model-damaged',
          message: 'model.safetensors ends early',
          details: { file: 'model.safetensors' },
        })
        return void setTimeout(() => process.exit(1), 10)
      }
      if (script === 'out-of-memory') {
        process.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n", () => process.abort())
        return
      }
      if (script === 'load-forever') return
      send({ type: 'shard-progress', loadedBytes: 50, totalBytes: 100 })
      send({ type: 'shard-progress', loadedBytes: 100, totalBytes: 100 })
      return send({
        type: 'shard-ready',
        info: { modelType: 'llama', layers: 2, vocabSize: 64, weightBytes: 100, residentBytes: 100, loadMs: 1, device: 'cpu' },
      })
    case 'start-generation':
      return void generate(command.generation)
    case 'cancel-generation':
      return void cancelled.add(command.generationId)
    case 'set-vocabulary':
      // Its tokens are scripted.
      return
    case 'follow-steps':
      return void setTimeout(() => send({ type: 'steps-end' }), 10)
    case 'tell-steps':
      if (script === 'no-steps') return process.exit(7)
      return send({ type: 'steps', steps: [{ beginEpochMs: 1, endEpochMs: 2, planMs: 0.5, decodedTokens: 1, prefilledTokens: 0 }] })
    case 'close-shard':
      if (script !== 'deaf') process.exit(0)
  }
}

process.on('message', (message) => execute(message as WorkerCommand))
process.on('disconnect', () => process.exit(0))
if (script === 'deaf') process.on('SIGTERM', () => undefined)
if (script === 'exit-at-start') process.exit(3)
if (script !== 'silent-start') {
  send({ type: 'worker-started', processId: process.pid, nativeVersion: 'scripted' })
  setInterval(beat, 100)
}
