// Compares the engine with mlx-lm on tiny random models. The last line is `N passed, N failed`.
// Usage: node native/parity/run-parity.ts CACHE_DIR PYTHON_WITH_MLX_LM [--all-ways] [MODEL ...]
// Families beyond the first twelve run in two modes; --all-ways adds ranks and the bfloat16 models that are otherwise left out.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ParallelStrategy } from '../../main/shared/models/model-card.ts'
import { ShardSpec } from '../../main/shared/shard.ts'
import { RankGroup } from '../__fixtures__/rank-group.ts'
import { loadBinding, openShard, type Binding, type Shard } from '../index.ts'
import { compareCounts, countMlxLm } from './compare-counts.ts'
import { compareEmbeddings, embedByMlxLm } from './compare-embeddings.ts'
import { compareShard, measureStoredError } from './compare-shard.ts'
import { operationBudgets } from './operation-budgets.ts'
import { parityModels } from './parity-models.ts'

/** The largest difference of a logprob that rounding may cause. */
const FLOAT_TOLERANCE = 2e-3
const QUANTIZED_TOLERANCE = 2e-2
/**
 * The same for bfloat16, whose numbers between 8 and 16 are 1/16 apart: for a logprob, and for two logits that rounding may swap.
 */
const STORED_TOLERANCE = 1.5
const TIE_GAP = 0.125
const CACHE_BYTES = 64 << 20

/** A mode in which to run a model. */
interface Mode {
  readonly title: string
  readonly strategy: ParallelStrategy
  readonly ranks: number
  readonly dequantize: boolean
  readonly useArrays: boolean
  /** Does not widen half floats. */
  readonly keepsTypes: boolean
  readonly prefillChunkTokens: number
  /** Answers all prompts a second time, using the cache from the first time. */
  readonly isCached: boolean
}

const alone = {
  strategy: 'pipeline',
  ranks: 1,
  dequantize: false,
  useArrays: false,
  keepsTypes: false,
  prefillChunkTokens: 512,
  isCached: false,
} as const
const modes: readonly Mode[] = [
  { ...alone, title: 'as stored' },
  { ...alone, title: 'dequantized, short chunks', dequantize: true, prefillChunkTokens: 50 },
  { ...alone, title: 'MLX operations', useArrays: true, prefillChunkTokens: 128 },
  { ...alone, title: 'pipeline over 2 ranks', ranks: 2 },
]
/** For models whose number of heads is divisible by the ranks. */
const tensorModes: readonly Mode[] = [
  { ...alone, title: 'pipeline over 4 ranks', ranks: 4 },
  { ...alone, title: 'tensor over 2 ranks', strategy: 'tensor', ranks: 2 },
  { ...alone, title: 'tensor over 4 ranks', strategy: 'tensor', ranks: 4 },
  { ...alone, title: 'tensor over 2 ranks, MLX operations', strategy: 'tensor', ranks: 2, useArrays: true },
]
/** For models whose caches contain latents, or are read with windows or sinks. */
const cacheModes: readonly Mode[] = [
  { ...alone, title: 'from the prefix cache', isCached: true },
  { ...alone, title: 'from the prefix cache, MLX operations', isCached: true, useArrays: true },
]
/** The modes in which a Mac runs models. */
const storedModes: readonly Mode[] = [
  { ...alone, title: 'MLX operations, bfloat16', useArrays: true, keepsTypes: true, prefillChunkTokens: 128 },
  { ...alone, title: 'MLX operations, bfloat16, pipeline over 2 ranks', useArrays: true, keepsTypes: true, ranks: 2 },
]
/** Models whose embeddings are compared, and how they are run. */
const EMBEDDED: ReadonlySet<string> = new Set(['qwen3', 'qwen3-12-heads-4-bit'])
const embeddingModes: readonly Mode[] = [
  { ...alone, title: 'short chunks', prefillChunkTokens: 50 },
  { ...alone, title: 'MLX operations', useArrays: true },
  { ...alone, title: 'pipeline over 2 ranks', ranks: 2 },
]
/** Models whose random routers put experts closer together than bfloat16 resolves: mlx-lm's own texts differ from those in float32. */
const isDecidedByRounding = (name: string) => /^(gpt-oss|deepseek|glm4).*-bfloat16$/.test(name)
/** How many times as far from float32 as mlx-lm such a model may be. */
const STORED_ERROR_RATIO = 1.25
/** Models that run only with --all-ways. */
const isOnDemand = (name: string) => /^(gpt-oss|deepseek|gemma3|glm4).*-bfloat16$/.test(name)
const [quick, , arrays] = modes
/** Models that keep a state: a prefix can be reused only where it was kept. */
const keepsState = (name: string) => /kimi-k3|qwen3-(next|5)|nemotron|hybrid|linear|falcon|lfm2/.test(name)
/** Modes of `family-` models: both decoders and, with --all-ways or quantized weights, ranks. */
const isSplit = (name: string, { strategy, ranks }: Mode) => strategy === 'tensor' && (ranks === 2 || name.includes('kimi'))
const familyModes = (name: string, isWhole: boolean): readonly Mode[] =>
  name.endsWith('-bit')
    ? [quick, arrays, ...tensorModes.filter((mode) => isSplit(name, mode))].filter((mode) => mode !== undefined)
    : isWhole
      ? [...modes, ...tensorModes.filter(({ strategy, ranks }) => strategy === 'pipeline' || ranks === 2), ...cacheModes]
      : [quick, arrays, ...(keepsState(name) ? cacheModes.slice(1) : [])].filter((mode) => mode !== undefined)
const modesOf = (name: string, isWhole: boolean) =>
  name.startsWith('family-')
    ? familyModes(name, isWhole)
    : name.endsWith('-bfloat16')
      ? storedModes
      : [
          ...(name === 'bfloat16' ? storedModes : []),
          ...modes,
          ...(name.includes('12-heads') ? tensorModes : []),
          ...(/deepseek|kimi|gpt-oss|gemma3|sliding/.test(name) ? cacheModes : []),
        ]

function openMode(
  binding: Binding,
  modelDir: string,
  layers: number,
  mode: Mode,
): Promise<Pick<Shard, 'generate'> & { close(): Promise<unknown> }> {
  const { dequantize, useArrays, keepsTypes, prefillChunkTokens, strategy, ranks, isCached } = mode
  const spec = { contextTokens: 1024, maxBatch: 4, prefillChunkTokens, dequantize, prefixCacheBytes: isCached ? CACHE_BYTES : 0 }
  if (ranks > 1) return RankGroup.open({ modelDir, layers, strategy, ranks, useArrays, options: { keepsTypes }, spec })
  const whole = ShardSpec.parse({
    ...spec,
    modelDir,
    strategy,
    backend: 'local',
    rank: 0,
    worldSize: 1,
    layers: { start: 0, end: layers },
    threads: 2,
  })
  return openShard(binding, whole, undefined, { useArrays, keepsTypes })
}

function readConfig(modelDir: string): { layers: number; isQuantized: boolean } {
  const config = JSON.parse(readFileSync(join(modelDir, 'config.json'), 'utf8')) as {
    num_hidden_layers?: number
    text_config?: { num_hidden_layers: number }
    quantization?: object
  }
  return { layers: config.num_hidden_layers ?? config.text_config?.num_hidden_layers ?? 0, isQuantized: config.quantization !== undefined }
}

async function check(binding: Binding, modelDir: string, mode: Mode): Promise<{ hasPassed: boolean; figures: string }> {
  const { layers, isQuantized } = readConfig(modelDir)
  const shard = await openMode(binding, modelDir, layers, mode)
  if (mode.keepsTypes && isDecidedByRounding(basename(modelDir))) {
    const { ours, mlxLm, tokens } = await measureStoredError(shard, modelDir).finally(() => shard.close())
    return {
      hasPassed: ours <= STORED_ERROR_RATIO * mlxLm,
      figures: `logprobs of ${tokens} tokens are ${ours.toFixed(3)} from float32 on average, mlx-lm's ${mlxLm.toFixed(3)}`,
    }
  }
  const compare = async () => {
    const options = mode.keepsTypes ? ({ answersFile: 'answers-as-stored.json', tieGap: TIE_GAP } as const) : {}
    if (mode.isCached) await compareShard(shard, modelDir, options)
    return compareShard(shard, modelDir, { ...options, promptLogprobs: !mode.isCached })
  }
  const result = await compare().finally(() => shard.close())
  const tolerance = mode.keepsTypes ? STORED_TOLERANCE : isQuantized ? QUANTIZED_TOLERANCE : FLOAT_TOLERANCE
  return {
    hasPassed:
      result.equalAnswers === result.answers && result.cachedTokens > 0 === mode.isCached && result.worstLogprobDifference <= tolerance,
    figures:
      `${result.equalAnswers} of ${result.answers} answers ` +
      `equal${result.ties > 0 ? ` (${result.ties} up to a tie)` : ''}, logprobs within ` +
      `${result.worstLogprobDifference.toExponential(1)}${mode.isCached ? `, ${result.cachedTokens} prompt tokens known` : ''}`,
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`)
const [cacheDir, python, ...others] = process.argv.slice(2)
const names = others.filter((name) => name !== '--all-ways')
const isWhole = others.length > names.length
if (cacheDir === undefined || python === undefined) throw new Error('usage: run-parity.ts CACHE_DIR PYTHON_WITH_MLX_LM [MODEL ...]')
const binding = loadBinding(fileURLToPath(new URL('../../build/native/exo_engine.node', import.meta.url)))
const models = parityModels(cacheDir, python, names)
const counts = { passed: 0, failed: 0 }
const isWanted = (name: string) => (names.length === 0 ? isWhole || !isOnDemand(name) : names.includes(name))
const tell = (title: string, { hasPassed, figures }: { hasPassed: boolean; figures: string }) => {
  counts[hasPassed ? 'passed' : 'failed'] += 1
  print(`${hasPassed ? 'ok    ' : 'FAILED'} ${title}: ${figures}`)
}
const made = readdirSync(models).filter((name) => !name.startsWith('.'))
const wanted = made.filter(isWanted)
// One at a time, since two engines in one process would share MLX's global state.
for (const name of wanted)
  for (const mode of modesOf(name, isWhole)) tell(`${name}, ${mode.title}`, await check(binding, join(models, name), mode))
const embedded = embedByMlxLm(
  python,
  wanted.filter((name) => EMBEDDED.has(name)).map((name) => join(models, name)),
)
for (const [name, prompts] of embedded)
  for (const mode of embeddingModes) {
    const modelDir = join(models, name)
    const shard = await openMode(binding, modelDir, readConfig(modelDir).layers, mode)
    tell(`${name}, embeddings, ${mode.title}`, await compareEmbeddings(shard, prompts).finally(() => shard.close()))
  }
// mlx-lm takes a second for each model: it counts again with --all-ways, or where models are named.
const isCountedBeside = (name: string) => isWhole || names.length > 0 || (isWanted(name) && name.endsWith('-bfloat16'))
const counted = isWhole || names.length > 0 ? wanted : made.filter((name) => operationBudgets[name])
const ofMlxLm = countMlxLm(
  python,
  counted.filter(isCountedBeside).map((name) => join(models, name)),
)
for (const name of counted) {
  const modelDir = join(models, name)
  const { most, mlxLm, batchRatio } = operationBudgets[name] ?? { most: Number.POSITIVE_INFINITY, mlxLm: 0, batchRatio: undefined }
  const limits = {
    ofMlxLm: ofMlxLm.get(name) ?? mlxLm,
    budget: most,
    withBatch: isCountedBeside(name),
    batchRatio,
    isHalf: name.endsWith('bfloat16'),
  }
  tell(`${name}, operations`, await compareCounts(binding, modelDir, readConfig(modelDir).layers, limits))
}
print(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1
