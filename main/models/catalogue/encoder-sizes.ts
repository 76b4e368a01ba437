type Config = Readonly<Record<string, unknown>>

const numberAt = (config: Config, key: string): number | undefined => {
  const value = config[key]
  return typeof value === 'number' ? value : undefined
}

/** Rows of the learned positions that are before the first token's: RoBERTa counts from behind its padding. */
const FIRST_POSITION: Readonly<Record<string, number>> = { camembert: 1, roberta: 1, 'xlm-roberta': 1 }

/** An encoder's config.json with the usual names for its sizes, and the longest text that it takes. */
export function encoderSizes(config: Config): Config {
  const type = config['model_type'] as string
  if (type === 'nomic_bert') {
    // Longer texts than the trained ones need another rotation where a factor is given.
    const isScaled = config['rotary_scaling_factor'] != null
    const longest = isScaled ? numberAt(config, 'max_trained_positions') : undefined
    return {
      num_hidden_layers: config['n_layer'],
      hidden_size: config['n_embd'],
      num_attention_heads: config['n_head'],
      intermediate_size: config['n_inner'] ?? undefined,
      vocab_size: config['vocab_size'],
      max_position_embeddings: longest ?? config['n_positions'],
    }
  }
  const rows = numberAt(config, 'max_position_embeddings')
  const before = FIRST_POSITION[type]
  if (rows === undefined || before === undefined) return config
  return { ...config, max_position_embeddings: Math.max(1, rows - (numberAt(config, 'pad_token_id') ?? 1) - before) }
}
