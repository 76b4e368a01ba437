import type { ExpectedTensor, GgufExperts, GgufExpertsForm, GgufLatent, GgufModelConfig, RowPlaces } from './gguf-family.ts'

/** Row 2 r + half of a head in GGUF is row half * headRows / 2 + r in the model. */
export function headPlaces(total: number, headRows: number): RowPlaces {
  const place = (row: number): number => {
    const inHead = row % headRows
    return row - inHead + (inHead % 2) * (headRows / 2) + Math.floor(inHead / 2)
  }
  return { total, unit: headRows, of: place }
}

const USUAL_NORMS = { attn_norm: 'input_layernorm', ffn_norm: 'post_attention_layernorm' }

/** The tensors of one decoder layer, by GGUF name. */
export function layerTensors(config: GgufModelConfig, layer: number): Record<string, ExpectedTensor> {
  const { hiddenSize: hidden, family, headDim } = config
  const queryRows = config.attentionHeads * headDim
  const kvRows = config.kvHeads * headDim
  const permuted = family.permutesRope === true
  const { attentionBias = family.queryKeyNorm ? 'none' : 'possible' } = family
  const bias = { permuted, optional: attentionBias === 'possible' }
  const offset = -(family.normOffset ?? 0)
  const norms = Object.entries(family.norms ?? USUAL_NORMS).flatMap(([name, module]): [string, ExpectedTensor][] => {
    const norm = { module, shape: [hidden], optional: family.optionalNorms?.includes(name) ?? false }
    return [[`${name}.weight`, { ...norm, offset }], ...(family.hasNormBias ? [[`${name}.bias`, norm] as [string, ExpectedTensor]] : [])]
  })
  return {
    ...Object.fromEntries(norms),
    ...(config.latent ? latentTensors(config, config.latent) : groupedTensors(config, queryRows, kvRows)),
    ...(config.experts && layer >= config.experts.denseLayers ? expertTensors(config, config.experts) : denseTensors(config)),
    ...(attentionBias === 'none'
      ? {}
      : {
          'attn_q.bias': { module: 'self_attn.q_proj', shape: [queryRows], ...bias },
          'attn_k.bias': { module: 'self_attn.k_proj', shape: [kvRows], ...bias },
          'attn_v.bias': { module: 'self_attn.v_proj', shape: [kvRows], ...bias, permuted: false },
        }),
    ...(family.hasSinks && { 'attn_sinks.weight': { module: 'self_attn', suffix: 'sinks', shape: [config.attentionHeads] } }),
    ...(['llama', 'gpt_oss'].includes(family.modelType)
      ? { 'attn_output.bias': { module: 'self_attn.o_proj', shape: [hidden], optional: true } }
      : {}),
    ...queryKeyNorms(config, queryRows, kvRows),
  }
}

function groupedTensors(
  { hiddenSize: hidden, family, headDim }: GgufModelConfig,
  queryRows: number,
  kvRows: number,
): Record<string, ExpectedTensor> {
  const permuted = family.permutesRope === true
  const [attention, last] = family.attention ?? ['self_attn', 'o_proj']
  const output = { module: `${attention}.${last}`, shape: [hidden, queryRows] }
  if (family.queryKeyValue !== undefined && !family.isQueryKeyValueApart)
    return { 'attn_qkv.weight': { module: family.queryKeyValue, shape: [queryRows + 2 * kvRows, hidden] }, 'attn_output.weight': output }
  if (family.queryKeyValue !== undefined) return joinedTensors(family.queryKeyValue, hidden, { queryRows, kvRows, headDim }, output)
  return {
    'attn_q.weight': { module: 'self_attn.q_proj', shape: [queryRows, hidden], permuted },
    'attn_k.weight': { module: 'self_attn.k_proj', shape: [kvRows, hidden], permuted },
    'attn_v.weight': { module: 'self_attn.v_proj', shape: [kvRows, hidden] },
    'attn_output.weight': output,
  }
}

/** Query, key and value of a module that GGUF stores apart, with queries and keys in the order of its own rope. */
function joinedTensors(
  module: string,
  hidden: number,
  { queryRows, kvRows, headDim }: { queryRows: number; kvRows: number; headDim: number },
  output: ExpectedTensor,
): Record<string, ExpectedTensor> {
  const total = queryRows + 2 * kvRows
  const part = (rows: number, first: number, isTurned: boolean): ExpectedTensor => {
    const { of } = headPlaces(rows, headDim)
    return { module, shape: [rows, hidden], places: { total, unit: headDim, of: (row) => first + (isTurned ? of(row) : row) } }
  }
  return {
    'attn_q.weight': part(queryRows, 0, true),
    'attn_k.weight': part(kvRows, queryRows, true),
    'attn_v.weight': part(kvRows, queryRows + kvRows, false),
    'attn_output.weight': output,
  }
}

/** Older files have both matrices of each head in one. */
function latentTensors({ hiddenSize: hidden, attentionHeads: heads }: GgufModelConfig, latent: GgufLatent): Record<string, ExpectedTensor> {
  const { queryRank, rank, rotated, plain, value } = latent
  const queryRows = heads * (plain + rotated)
  return {
    ...(queryRank === null
      ? { 'attn_q.weight': { module: 'self_attn.q_proj', shape: [queryRows, hidden] } }
      : {
          'attn_q_a.weight': { module: 'self_attn.q_a_proj', shape: [queryRank, hidden] },
          'attn_q_a_norm.weight': { module: 'self_attn.q_a_layernorm', shape: [queryRank] },
          'attn_q_b.weight': { module: 'self_attn.q_b_proj', shape: [queryRows, queryRank] },
        }),
    'attn_kv_a_mqa.weight': { module: 'self_attn.kv_a_proj_with_mqa', shape: [rank + rotated, hidden] },
    'attn_kv_a_norm.weight': { module: 'self_attn.kv_a_layernorm', shape: [rank] },
    'attn_kv_b.weight': { module: 'self_attn.kv_b_proj', shape: [heads * (plain + value), rank], optional: true },
    'attn_k_b.weight': { module: 'self_attn.embed_q', shape: [heads, rank, plain], optional: true },
    'attn_v_b.weight': { module: 'self_attn.unembed_out', shape: [heads, value, rank], optional: true },
    'attn_output.weight': { module: 'self_attn.o_proj', shape: [hidden, heads * value] },
  }
}

function queryKeyNorms({ family, headDim }: GgufModelConfig, queryRows: number, kvRows: number): Record<string, ExpectedTensor> {
  const { queryKeyNorm, queryKeyNorms: [query, key] = ['q_norm', 'k_norm'], isQueryKeyNormOptional: optional = false } = family
  if (queryKeyNorm === undefined) return {}
  const [attention] = family.attention ?? ['self_attn']
  const rest = { optional, offset: -(family.normOffset ?? 0) }
  const isOfRows = queryKeyNorm === 'rows'
  return {
    'attn_q_norm.weight': { module: `${attention}.${query}`, shape: [isOfRows ? queryRows : headDim], ...rest },
    'attn_k_norm.weight': { module: `${attention}.${key}`, shape: [isOfRows ? kvRows : headDim], ...rest },
  }
}

function denseTensors({ hiddenSize: hidden, intermediateSize: inner, family }: GgufModelConfig): Record<string, ExpectedTensor> {
  const down = { module: 'mlp.down_proj', shape: [hidden, inner] }
  if (family.gateUp !== undefined)
    return { 'ffn_up.weight': { module: family.gateUp, shape: [2 * inner, hidden] }, 'ffn_down.weight': down }
  return {
    'ffn_gate.weight': { module: 'mlp.gate_proj', shape: [inner, hidden] },
    'ffn_up.weight': { module: 'mlp.up_proj', shape: [inner, hidden] },
    'ffn_down.weight': down,
  }
}

export function expertTensors(
  { hiddenSize: hidden, family }: GgufModelConfig,
  { count, width, sharedWidth }: GgufExperts,
): Record<string, ExpectedTensor> {
  const {
    module,
    router = 'gate',
    stack = 'switch_mlp',
    hasBias = false,
    shared,
    hasSharedGate = false,
    correction,
    isCorrectionOptional: optional = false,
  } = family.experts as GgufExpertsForm
  return {
    'ffn_gate_inp.weight': { module: `${module}.${router}`, shape: [count, hidden] },
    'ffn_gate_exps.weight': { module: `${module}.${stack}.gate_proj`, shape: [count, width, hidden] },
    'ffn_up_exps.weight': { module: `${module}.${stack}.up_proj`, shape: [count, width, hidden] },
    'ffn_down_exps.weight': { module: `${module}.${stack}.down_proj`, shape: [count, hidden, width] },
    ...(hasBias && {
      'ffn_gate_inp.bias': { module: `${module}.${router}`, shape: [count] },
      'ffn_gate_exps.bias': { module: `${module}.${stack}.gate_proj`, shape: [count, width] },
      'ffn_up_exps.bias': { module: `${module}.${stack}.up_proj`, shape: [count, width] },
      'ffn_down_exps.bias': { module: `${module}.${stack}.down_proj`, shape: [count, hidden] },
    }),
    ...(correction && { 'exp_probs_b.bias': { module: correction[0], suffix: correction[1], shape: [count], optional } }),
    ...(shared !== undefined &&
      sharedWidth > 0 && {
        'ffn_gate_shexp.weight': { module: `${module}.${shared}.gate_proj`, shape: [sharedWidth, hidden] },
        'ffn_up_shexp.weight': { module: `${module}.${shared}.up_proj`, shape: [sharedWidth, hidden] },
        'ffn_down_shexp.weight': { module: `${module}.${shared}.down_proj`, shape: [hidden, sharedWidth] },
      }),
    ...(hasSharedGate && { 'ffn_gate_inp_shexp.weight': { module: `${module}.shared_expert_gate`, shape: [hidden], isRow: true } }),
  }
}
