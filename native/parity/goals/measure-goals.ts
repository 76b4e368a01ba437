import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { makeTinyModel } from '../../__fixtures__/tiny-model.ts'
import type { Binding } from '../../index.ts'
import { compareCounts, countMlxLm } from '../compare-counts.ts'
import { operationBudgets } from '../operation-budgets.ts'
import { countRun, openCounting } from './counting-shard.ts'
import type { Goal } from './goal.ts'

const MEBIBYTE = 1 << 20
const EIGHT = 8
const PAIRS = 3
const BATCH_RATIO = 1.25
const HOST_BATCH_RATIO = 1.5
const HOST_RATIO = 0.6
/** What MLX may keep of freed memory without a GPU. */
const CACHE_LIMIT_BYTES = 256 * MEBIBYTE
/** The sizes of an agent's request. */
const [LONG_PROMPT_TOKENS, LONG_ANSWER_TOKENS] = [8_192, 4_096]
const [WINDOW, CHUNK, WINDOWED_PROMPT_TOKENS] = [512, 512, 4_096]
const script = new URL('../time_mlx_lm.py', import.meta.url).pathname

const Timed = z.object({ hostMs: z.number(), primitives: z.int() })
const Config = z.looseObject({
  num_hidden_layers: z.int().optional(),
  text_config: z.looseObject({ num_hidden_layers: z.int() }).optional(),
})

function readConfig(modelDir: string): { readonly layers: number; readonly hasExperts: boolean } {
  const text = readFileSync(join(modelDir, 'config.json'), 'utf8')
  const config = Config.parse(JSON.parse(text))
  const layers = config.num_hidden_layers ?? config.text_config?.num_hidden_layers
  if (layers === undefined) throw new Error(`${modelDir}/config.json says nothing of its layers.`)
  return { layers, hasExperts: /"\w*(num|n)_\w*experts\w*": [1-9]/.test(text) }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const ratio = (value: number): string => `${value.toFixed(2)}x`

/** The operations of a decode step of every parity model, against mlx-lm's. */
export async function measureOperations(binding: Binding, python: string, models: string, names: readonly string[]): Promise<Goal[]> {
  const ofMlxLm = countMlxLm(
    python,
    names.map((name) => join(models, name)),
  )
  const counted: { name: string; hasExperts: boolean; ours: number; mlxLm: number }[] = []
  for (const name of names) {
    const modelDir = join(models, name)
    const { layers, hasExperts } = readConfig(modelDir)
    const mlxLm = ofMlxLm.get(name) ?? 0
    const budget = operationBudgets[name]?.most ?? Number.POSITIVE_INFINITY
    const { operations } = await compareCounts(binding, modelDir, layers, { ofMlxLm: mlxLm, budget, withBatch: false, isHalf: false })
    counted.push({ name, hasExperts, ours: operations, mlxLm })
  }
  return [false, true].map((hasExperts) => {
    const those = counted.filter((model) => model.hasExperts === hasExperts)
    const [closest] = those.toSorted((a, b) => b.ours / b.mlxLm - a.ours / a.mlxLm)
    const most = closest ? closest.ours / closest.mlxLm : Number.NaN
    return {
      what: `operations of a decode step, ${those.length} models ${hasExperts ? 'with experts' : 'without experts'}, of mlx-lm's`,
      mlxLm: `${closest?.mlxLm ?? ''} (${closest?.name ?? 'none'})`,
      ours: `${closest?.ours ?? ''}: ${ratio(most)} at most, ${ratio(median(those.map(({ ours, mlxLm }) => ours / mlxLm)))} in the middle`,
      goal: '1x at most',
      hasPassed: most <= 1,
    }
  })
}

/** Operations and host time of a step of one and of eight sequences, of a model of 30 layers. */
export async function measureHost(binding: Binding, python: string, modelDir: string): Promise<Goal[]> {
  const { layers } = readConfig(modelDir)
  const shard = await openCounting(binding, modelDir, layers, { maxBatch: EIGHT, prefillChunkTokens: 64 })
  const peer = (sequences: number) =>
    Timed.parse(JSON.parse(execFileSync(python, [script, modelDir, String(sequences)], { encoding: 'utf8' })))
  const ours = async (sequences: number, salt: number) => {
    // Requests arrive one by one, so at the first try all may never decode at the same time.
    for (let maxTokens = 40; ; maxTokens *= 2) {
      const { decodes } = await countRun(shard, { sequences, maxTokens, salt: salt + maxTokens })
      if (decodes.length >= 10) return decodes
    }
  }
  const pairs: { ours: [number, number]; mlxLm: [number, number]; handOffs: number }[] = []
  let [operations, peerOperations] = [
    [0, 0],
    [0, 0],
  ] as [number[], number[]]
  try {
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const [one, eight, peerOne, peerEight] = [await ours(1, pair), await ours(EIGHT, pair), peer(1), peer(EIGHT)]
      const hostMs = (steps: typeof one) => median(steps.map((step) => step.hostMs))
      operations = [one, eight].map((steps) => Math.max(...steps.map(({ primitives }) => primitives)))
      peerOperations = [peerOne.primitives, peerEight.primitives]
      const handOffs = Math.max(...[...one, ...eight].map((step) => step.handOffs))
      pairs.push({ ours: [hostMs(one), hostMs(eight)], mlxLm: [peerOne.hostMs, peerEight.hostMs], handOffs })
    }
  } finally {
    await shard.close()
  }
  const times = (whose: 'ours' | 'mlxLm', place: 0 | 1) => median(pairs.map((pair) => pair[whose][place]))
  const batch = (operations[1] ?? 0) / (operations[0] ?? 0)
  const hostBatch = median(pairs.map(({ ours: [one, eight] }) => eight / one))
  const peerHostBatch = median(pairs.map(({ mlxLm: [one, eight] }) => eight / one))
  const handOffs = Math.max(...pairs.map((pair) => pair.handOffs))
  const host = (place: 0 | 1): Goal => {
    const against = median(pairs.map(({ ours: own, mlxLm }) => own[place] / mlxLm[place]))
    return {
      what: `host time of a step, ${layers} layers, ${place === 0 ? 'one sequence' : 'eight sequences'}`,
      mlxLm: `${times('mlxLm', place).toFixed(1)} ms`,
      ours: `${times('ours', place).toFixed(1)} ms: ${ratio(against)}`,
      goal: `${ratio(HOST_RATIO)} at most`,
      hasPassed: against <= HOST_RATIO,
    }
  }
  return [
    {
      what: 'operations of a step of eight sequences, of those of one',
      mlxLm: ratio((peerOperations[1] ?? 0) / (peerOperations[0] ?? 0)),
      ours: ratio(batch),
      goal: `${ratio(BATCH_RATIO)} at most`,
      hasPassed: batch <= BATCH_RATIO,
    },
    {
      what: 'host time of a step of eight sequences, of that of one',
      mlxLm: ratio(peerHostBatch),
      ours: ratio(hostBatch),
      goal: `${ratio(HOST_BATCH_RATIO)} at most`,
      hasPassed: hostBatch <= HOST_BATCH_RATIO,
    },
    host(0),
    host(1),
    { what: 'tasks of the CPU between two plain steps', mlxLm: null, ours: String(handOffs), goal: '0', hasPassed: handOffs === 0 },
  ]
}

/** What MLX keeps of freed memory, and how often caches are copied, during a long request. */
export async function measureMemory(binding: Binding): Promise<Goal[]> {
  const model = makeTinyModel()
  const shard = await openCounting(binding, model.dir, model.layers, { contextTokens: LONG_PROMPT_TOKENS + LONG_ANSWER_TOKENS })
  try {
    const { total } = await countRun(shard, { promptTokens: LONG_PROMPT_TOKENS, maxTokens: LONG_ANSWER_TOKENS })
    const regrowths = total.kvRegrowths / (2 * model.layers)
    const request = `a prompt of ${LONG_PROMPT_TOKENS} tokens and ${LONG_ANSWER_TOKENS} more`
    return [
      {
        what: `what MLX keeps of freed memory during ${request}`,
        mlxLm: null,
        ours: `${(total.cacheBytes / MEBIBYTE).toFixed(0)} MiB`,
        goal: `${CACHE_LIMIT_BYTES / MEBIBYTE} MiB at most`,
        hasPassed: total.cacheBytes <= CACHE_LIMIT_BYTES,
      },
      {
        what: 'copies of the cache, per layer, during that request',
        mlxLm: String((LONG_PROMPT_TOKENS + LONG_ANSWER_TOKENS) / 256 - 1),
        ours: String(regrowths),
        goal: '1 at most',
        hasPassed: regrowths <= 1,
      },
    ]
  } finally {
    await shard.close()
    model.remove()
  }
}

/** The keys that layers with a window read while they read a long prompt. */
export async function measureWindow(binding: Binding): Promise<Goal> {
  const sliding = { sliding_window: WINDOW, layer_types: Array.from({ length: 4 }, () => 'sliding_attention') }
  const model = makeTinyModel({ config: sliding })
  const shard = await openCounting(binding, model.dir, model.layers, { contextTokens: 8_192, prefillChunkTokens: CHUNK })
  try {
    const { total } = await countRun(shard, { promptTokens: WINDOWED_PROMPT_TOKENS, maxTokens: 2 })
    return {
      what: `keys that a layer with a window of ${WINDOW} reads, in chunks of ${CHUNK} of a prompt of ${WINDOWED_PROMPT_TOKENS} tokens`,
      mlxLm: null,
      ours: String(total.attendedKeys),
      goal: `${WINDOW + CHUNK} at most`,
      hasPassed: total.attendedKeys > 0 && total.attendedKeys <= WINDOW + CHUNK,
    }
  } finally {
    await shard.close()
    model.remove()
  }
}

/** Products and cache writes of models in bfloat16 that are float32. */
export async function measureTypes(binding: Binding, models: string, names: readonly string[]): Promise<Goal> {
  const wide: string[] = []
  for (const name of names) {
    const { layers } = readConfig(join(models, name))
    const shard = await openCounting(binding, join(models, name), layers)
    const { total } = await countRun(shard, { promptTokens: 100 }).finally(() => shard.close())
    if (total.wideProducts > 0) wide.push(`${total.wideProducts} of ${name}`)
  }
  return {
    what: `products and writes of keys, values and states in float32, ${names.length} models in bfloat16`,
    mlxLm: null,
    ours: wide.length === 0 ? '0' : wide.join(', '),
    goal: '0',
    hasPassed: wide.length === 0,
  }
}
