// Compares the engine with mlx-lm on tiny random models; the last line is `N passed, N failed`.
// Usage: node native/parity/run-parity.ts CACHE_DIR PYTHON_WITH_MLX_LM [MODEL ...]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ShardSpec } from '../../main/shared/shard.ts'
import { loadBinding, openShard, type Binding } from '../index.ts'
import { compareShard } from './compare-shard.ts'
import { parityModels } from './parity-models.ts'

/** Largest difference of a logprob that rounding may make. */
const FLOAT_TOLERANCE = 2e-3
const QUANTIZED_TOLERANCE = 2e-2

/** The ways in which the same model can be run. */
const modes = [
  { title: 'as stored', dequantize: false, useArrays: false, prefillChunkTokens: 512 },
  { title: 'dequantized, short chunks', dequantize: true, useArrays: false, prefillChunkTokens: 50 },
  { title: 'MLX operations', dequantize: false, useArrays: true, prefillChunkTokens: 128 },
] as const

async function check(binding: Binding, modelDir: string, mode: (typeof modes)[number]): Promise<{ hasPassed: boolean; figures: string }> {
  const config = JSON.parse(readFileSync(join(modelDir, 'config.json'), 'utf8')) as { num_hidden_layers: number; quantization?: object }
  const spec = ShardSpec.parse({
    modelDir,
    strategy: 'pipeline',
    backend: 'local',
    rank: 0,
    worldSize: 1,
    layers: { start: 0, end: config.num_hidden_layers },
    contextTokens: 1024,
    prefillChunkTokens: mode.prefillChunkTokens,
    maxBatch: 4,
    dequantize: mode.dequantize,
    threads: 2,
  })
  const shard = await openShard(binding, spec, undefined, { useArrays: mode.useArrays })
  const result = await compareShard(shard, modelDir).finally(() => shard.close())
  const tolerance = config.quantization ? QUANTIZED_TOLERANCE : FLOAT_TOLERANCE
  return {
    hasPassed: result.equalAnswers === result.answers && result.worstLogprobDifference <= tolerance,
    figures: `${result.equalAnswers} of ${result.answers} answers equal, logprobs within ${result.worstLogprobDifference.toExponential(1)}`,
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`)
const [cacheDir, python, ...names] = process.argv.slice(2)
if (cacheDir === undefined || python === undefined) throw new Error('usage: run-parity.ts CACHE_DIR PYTHON_WITH_MLX_LM [MODEL ...]')
const binding = loadBinding(fileURLToPath(new URL('../../build/native/exo_engine.node', import.meta.url)))
const models = parityModels(cacheDir, python)
const counts = { passed: 0, failed: 0 }
for (const name of readdirSync(models).filter((candidate) => names.length === 0 || names.includes(candidate))) {
  for (const mode of modes) {
    const { hasPassed, figures } = await check(binding, join(models, name), mode)
    counts[hasPassed ? 'passed' : 'failed'] += 1
    print(`${hasPassed ? 'ok    ' : 'FAILED'} ${name}, ${mode.title}: ${figures}`)
  }
}
print(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1
