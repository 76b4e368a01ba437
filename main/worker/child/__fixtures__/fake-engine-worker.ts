/** The real worker with an arithmetic engine: each token is the previous one plus one. Runs as a separate process. */
import { systemClock } from '../../../platform/clock.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { GenerationEvent, GenerationSpec } from '../../../shared/inference/generation.ts'
import { NO_SHARD_STATS, type ShardStats } from '../../../shared/shard.ts'
import { openParentChannel } from '../../../platform/processes/parent-channel.ts'
import type { OpenShard, ShardEngine } from '../shard-engine.ts'
import { runShardWorker } from '../shard-worker.ts'

function openCountingShard(): OpenShard {
  const cancelled = new Set<string>()
  const stats: ShardStats = { ...NO_SHARD_STATS }
  let stepsBegin: () => void = () => undefined

  const generate = async (
    { generationId, promptTokenIds, maxTokens, sampling }: GenerationSpec,
    onEvent: (event: GenerationEvent) => void,
  ): Promise<void> => {
    if (stats.running === 0) stepsBegin()
    stats.running++
    const first = (promptTokenIds.at(-1) ?? 0) + 1
    let step = 0
    for (; step < maxTokens && !cancelled.has(generationId); step++) {
      stats.steps++
      onEvent({ type: 'token-delta', generationId, token: { tokenId: first + step, logprob: null, topLogprobs: [] } })
      if (sampling.temperature > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    stats.running--
    onEvent({
      type: 'generation-end',
      generationId,
      finishReason: step < maxTokens ? 'cancelled' : 'length',
      timings: { queueMs: 0, prefillMs: 1, decodeMs: 1, cachedTokens: 0 },
    })
  }

  return {
    info: { modelType: 'llama', layers: 2, vocabSize: 64, weightBytes: 100, residentBytes: 100, loadMs: 1, device: 'cpu' },
    setVocabulary: () => undefined,
    generate: (generation, onEvent) => {
      if (generation.maxTokens > 1_000_000) throw new AppError('engine-busy', 'No place for that.')
      if (generation.maxTokens === 13)
        return onEvent({
          type: 'generation-error',
          generationId: generation.generationId,
          code: 'group-failed',
          message: 'Rank 1 is gone.',
        })
      void generate(generation, onEvent)
    },
    loadDraft: async (_draftId, modelDir) => {
      await new Promise((resolve) => setTimeout(resolve, modelDir === '/slow' ? 2_500 : 50))
      if (modelDir === '/damaged') throw new AppError('draft-failed', 'The draft is damaged.')
    },
    cancel: (generationId) => void cancelled.add(generationId),
    follow: () => new Promise((resolve) => setTimeout(resolve, 10)),
    onStepsBegin: (listener) => {
      stepsBegin = listener
    },
    stats: () => ({ ...stats }),
    progress: () => ({ layersDone: stats.steps * 2, stepTokens: stats.running }),
    steps: () => ({
      nowMs: 1_000,
      steps: [{ beginMs: 900, endMs: 990, planMs: 1, decodedTokens: 1, prefilledTokens: 0, tokens: 1, cpuMs: 80 }],
    }),
    close: () => Promise.resolve(),
  }
}

const engine: ShardEngine = {
  version: 'counting',
  openShard: async ({ modelDir }, onProgress) => {
    if (modelDir === '/damaged') throw new AppError('model-damaged', 'model.safetensors ends early', { file: 'model.safetensors' })
    for (let loadedBytes = 1; loadedBytes <= 1000; loadedBytes++) onProgress(loadedBytes, 1000)
    return openCountingShard()
  },
}

const channel = openParentChannel()
channel.onClose(() => process.kill(process.pid, 'SIGKILL'))
runShardWorker({
  channel,
  loadEngine: () => Promise.resolve(engine),
  clock: systemClock,
  processId: process.pid,
  cpuMs: () => process.cpuUsage().user / 1_000,
  exit: (status) => process.exit(status),
})
