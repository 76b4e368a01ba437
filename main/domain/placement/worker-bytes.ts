import type { ModelCard } from '../../shared/models/model-card.ts'

/** Node, MLX and their libraries, and what their heaps grow by as they work. */
const PROCESS_BYTES = 80e6
/** A chunk of a prompt, and a row for each sequence of a full batch. */
const STEP_ROWS = 520
/** What a row takes in a layer, in hidden states: the halves of the layer, and what goes in and out. */
const HIDDEN_STATES_PER_ROW = 21
const LOGIT_ROWS = 8
const NUMBER_BYTES = 4

/** The memory of a worker besides weights and KV cache. */
export function workerBytes({ hiddenSize, vocabSize }: Pick<ModelCard, 'hiddenSize' | 'vocabSize'>): number {
  return PROCESS_BYTES + (STEP_ROWS * HIDDEN_STATES_PER_ROW * hiddenSize + LOGIT_ROWS * vocabSize) * NUMBER_BYTES
}
