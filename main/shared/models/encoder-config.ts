import type { ModelPurpose } from './model-card.ts'

type Config = Readonly<Record<string, unknown>>

/** The values of `model_type` of models that are always encoders. */
const ENCODER_TYPES: readonly string[] = ['bert', 'camembert', 'modernbert', 'nomic_bert', 'roberta', 'xlm-roberta']
/** Those of decoders that are encoders where their tokens see those on both sides. */
const BIDIRECTIONAL_TYPES: readonly string[] = ['gemma3_text']

/** Whether a config.json is that of an encoder: its tokens see those on both sides, and it generates no text. */
export function isEncoderConfig(config: Config): boolean {
  const type = config['model_type'] as string
  return ENCODER_TYPES.includes(type) || (BIDIRECTIONAL_TYPES.includes(type) && config['use_bidirectional_attention'] === true)
}

/** Decoders that were trained for embeddings, or to compare texts, say so in their names only. */
const EMBEDDERS = /embed|e5-mistral|gte-qwen/i
const RERANKERS = /rerank/i

/** What a model is for, if not for text; undefined: for text. */
export function purposeOf(modelId: string, config: Config): ModelPurpose | undefined {
  const architectures = Array.isArray(config['architectures']) ? (config['architectures'] as readonly unknown[]) : []
  if (isEncoderConfig(config))
    return architectures.some((name) => typeof name === 'string' && name.endsWith('ForSequenceClassification')) ? 'rerank' : 'embeddings'
  const name = modelId.slice(modelId.lastIndexOf('/') + 1)
  return RERANKERS.test(name) ? 'rerank' : EMBEDDERS.test(name) ? 'embeddings' : undefined
}
