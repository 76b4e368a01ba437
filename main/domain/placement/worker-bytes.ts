import type { ModelCard } from '../../shared/models/model-card.ts'

/** Node, MLX and their libraries, and the growth of their heaps while working. */
const PROCESS_BYTES = 80e6
/** A prompt chunk, plus one row per sequence of a full batch. */
const STEP_ROWS = 520
/** The memory of a row in a layer, counted in hidden states: both halves of the layer, and its input and output. */
const HIDDEN_STATES_PER_ROW = 21
const LOGIT_ROWS = 8
const NUMBER_BYTES = 4

/** The memory of a worker in addition to weights and KV cache. */
export function workerBytes({ hiddenSize, vocabSize }: Pick<ModelCard, 'hiddenSize' | 'vocabSize'>): number {
  return PROCESS_BYTES + (STEP_ROWS * HIDDEN_STATES_PER_ROW * hiddenSize + LOGIT_ROWS * vocabSize) * NUMBER_BYTES
}
