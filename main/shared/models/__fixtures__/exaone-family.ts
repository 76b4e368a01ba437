/** ExaOne 3.5, which is not built in: Llama under other names. Without the recorded answers. */
export const EXAONE_FAMILY = {
  modelType: 'exaone',
  like: 'llama',
  keys: { num_layers: 'num_hidden_layers', layer_norm_epsilon: 'rms_norm_eps' },
  defaults: { tie_word_embeddings: true },
  decoder: {
    places: [{ prefix: 'transformer.', layers: 'h', embedding: 'transformer.wte', head: 'lm_head', finalNorm: 'ln_f' }],
    norms: { input: 'ln_1', feedForward: 'ln_2' },
    attentionModules: {
      queryKeyValue: ['attn.attention.q_proj', 'attn.attention.k_proj', 'attn.attention.v_proj'],
      output: 'attn.attention.out_proj',
    },
    feedForwardModules: { gateUp: ['mlp.c_fc_0', 'mlp.c_fc_1'], down: 'mlp.c_proj' },
  },
}
