import { z } from 'zod'
import type { EncoderDescription, EncoderModules } from './encoder-description.ts'
import { defineEncoder, isClassifierConfig, readActivation } from './encoder-family.ts'

const Size = z.int().min(1)

const BertConfig = z.object({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: Size,
  num_hidden_layers: Size,
  num_attention_heads: Size,
  intermediate_size: Size,
  vocab_size: Size,
  max_position_embeddings: Size,
  type_vocab_size: z.int().min(0).default(2),
  layer_norm_eps: z.number().min(0).default(1e-12),
  hidden_act: z.string().default('gelu'),
  position_embedding_type: z.string().default('absolute'),
  /** JinaBERT: the feed-forward has a gate. */
  feed_forward_type: z.string().nullish(),
  pad_token_id: z.int().min(0).nullish(),
})
type BertConfig = z.infer<typeof BertConfig>

const MODULES: EncoderModules = {
  attentionNorm: null,
  queryKeyValue: ['attention.self.query', 'attention.self.key', 'attention.self.value'],
  queryNorm: null,
  keyNorm: null,
  attentionOutput: 'attention.output.dense',
  attentionOutputNorm: null,
  attentionSumNorm: 'attention.output.LayerNorm',
  feedForwardNorm: null,
  up: ['intermediate.dense'],
  isGated: false,
  down: 'output.dense',
  feedForwardOutputNorm: null,
  feedForwardSumNorm: 'output.LayerNorm',
}
const GATED: Partial<EncoderModules> = { up: ['mlp.gated_layers'], isGated: true, down: 'mlp.wo', feedForwardSumNorm: 'mlp.layernorm' }

/** BERT and JinaBERT, which has ALiBi in place of learned positions. */
export const bert = defineEncoder({
  modelTypes: ['bert'],
  schema: BertConfig,
  describe: (config) => ({
    ...describeBert(config, ['', 'bert.'], 0),
    classifier: isClassifierConfig(config)
      ? {
          layers: [
            { module: 'pooler.dense', isWithin: true, activation: 'tanh', norm: null, outputs: config.hidden_size },
            { module: 'classifier', isWithin: false, activation: 'none', norm: null, outputs: null },
          ],
          isMean: false,
        }
      : null,
  }),
})

/** RoBERTa and XLM-RoBERTa, whose positions begin after that of the padding. */
export const xlmRoberta = defineEncoder({
  modelTypes: ['camembert', 'roberta', 'xlm-roberta'],
  schema: BertConfig.extend({ layer_norm_eps: z.number().min(0).default(1e-5) }),
  describe: (config) => ({
    ...describeBert(config, ['', 'roberta.'], (config.pad_token_id ?? 1) + 1),
    classifier: isClassifierConfig(config)
      ? {
          layers: [
            { module: 'classifier.dense', isWithin: false, activation: 'tanh', norm: null, outputs: config.hidden_size },
            { module: 'classifier.out_proj', isWithin: false, activation: 'none', norm: null, outputs: null },
          ],
          isMean: false,
        }
      : null,
  }),
})

function describeBert(
  config: BertConfig,
  prefixes: EncoderDescription['prefixes'],
  firstPosition: number,
): Omit<EncoderDescription, 'classifier'> {
  const heads = config.num_attention_heads
  const headDim = config.hidden_size / heads
  const isAlibi = config.position_embedding_type === 'alibi'
  const isGated = config.feed_forward_type != null && config.feed_forward_type !== 'original'
  const activation = isGated
    ? readActivation('feed_forward_type', config.feed_forward_type ?? '')
    : readActivation('hidden_act', config.hidden_act)
  return {
    modelType: config.model_type,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads,
    kvHeads: heads,
    headDim,
    vocabSize: config.vocab_size,
    attentionScale: headDim ** -0.5,
    slopes: isAlibi ? alibiSlopes(heads) : new Float32Array(),
    normEpsilon: config.layer_norm_eps,
    normOffset: 0,
    isLayerNorm: true,
    prefixes,
    embedding: 'embeddings.word_embeddings',
    embeddingScale: 1,
    positions: isAlibi ? null : { module: 'embeddings.position_embeddings', rows: config.max_position_embeddings, first: firstPosition },
    segments: config.type_vocab_size > 0 ? { module: 'embeddings.token_type_embeddings', rows: config.type_vocab_size } : null,
    embeddingNorm: 'embeddings.LayerNorm',
    finalNorm: null,
    ropes: [],
    layer: (index) => `encoder.layer.${index}.`,
    attention: Array.from({ length: config.num_hidden_layers }, () => ({ rope: -1, windowTokens: -1 })),
    modules: isGated ? { ...MODULES, ...GATED } : MODULES,
    inner: { size: config.intermediate_size, activation },
  }
}

/** 2^(-8i/n) for n heads; if n is not a power of two, those of the next lower power and every other one of its double. */
function alibiSlopes(heads: number): Float32Array {
  const ofPower = (count: number): number[] => Array.from({ length: count }, (_, index) => 2 ** ((-8 * (index + 1)) / count))
  const lower = 2 ** Math.floor(Math.log2(heads))
  const between = ofPower(2 * lower).filter((_, index) => index % 2 === 0)
  return Float32Array.from([...ofPower(lower), ...between.slice(0, heads - lower)])
}
