// One rank of an instance, as a child process with an IPC channel: opens the shard that it is sent, then executes commands.
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../../main/shared/app-error.ts'
import type { GenerationEvent, GenerationSpec } from '../../main/shared/inference/generation.ts'
import type { TokenVocabulary } from '../../main/shared/inference/grammar.ts'
import type { ShardSpec, ShardStats } from '../../main/shared/shard.ts'
import type { BindingSteps } from '../binding.ts'
import { loadBinding, openShard, type OpenOptions, type Shard } from '../index.ts'

export type ToRank =
  | { type: 'open'; spec: ShardSpec; options: OpenOptions }
  | { type: 'generate'; spec: GenerationSpec }
  | { type: 'vocabulary'; vocabulary: TokenVocabulary }
  | { type: 'follow' }
  | { type: 'stats' }
  | { type: 'steps' }
  | { type: 'close' }

export type FromRank =
  | { type: 'opened' }
  | { type: 'steps-begin' }
  | { type: 'generation'; event: GenerationEvent }
  | { type: 'stats'; stats: ShardStats }
  | { type: 'steps'; steps: BindingSteps }
  | { type: 'failed'; message: string }

const tell = (message: FromRank) => process.send?.(message)
let shard: Shard | null = null

async function execute(message: ToRank): Promise<void> {
  if (message.type === 'open') {
    const binding = loadBinding(fileURLToPath(new URL('../../build/native/exo_engine.node', import.meta.url)))
    shard = await openShard(binding, message.spec, undefined, message.options)
    shard.onStepsBegin(() => tell({ type: 'steps-begin' }))
    tell({ type: 'opened' })
    return
  }
  if (!shard) throw new Error('no shard is open')
  if (message.type === 'generate') {
    const { draft } = message.spec
    if (draft?.modelDir !== undefined) await shard.loadDraft(draft.modelId, draft.modelDir)
    shard.generate(message.spec, (event) => tell({ type: 'generation', event }))
  } else if (message.type === 'vocabulary') shard.setVocabulary(message.vocabulary)
  else if (message.type === 'follow') await shard.follow()
  else if (message.type === 'stats') tell({ type: 'stats', stats: shard.stats() })
  else if (message.type === 'steps') tell({ type: 'steps', steps: shard.steps() })
  else {
    await shard.close()
    // As a worker ends: with an engine's thread that may hang in a receive.
    process.exit(0)
  }
}

process.on('message', (message: ToRank) => {
  execute(message).catch((error: unknown) => tell({ type: 'failed', message: errorMessage(error) }))
})
