import { CHIPS } from '../machine/chips.ts'
import { type EngineTraits, MLX_TRAITS } from '../engine-traits.ts'
import { speedOfChip } from '../machine/machine-speeds.ts'
import { modelWork } from '../model-work.ts'
import { pathSpeed } from '../path-speed.ts'
import { decodeSeconds, promptSeconds, type SpeedGroup } from '../step-seconds.ts'
import { cable, ethernet } from '../../cluster/__fixtures__/builders.ts'
import { type PublishedModel, type PublishedQuantization, publishedCard } from './published-models.ts'

/** llama.cpp on Metal: more kernels per layer, and quantized weights are unpacked by the GPU's general units. */
const LLAMA_CPP_TRAITS: EngineTraits = {
  plainShare: 1,
  expertShare: 0.8,
  kvShare: 0.25,
  flopsPerWeight: 2.9,
  promptShare: 0.9,
  expertPromptShare: 0.6,
  layerFactor: 2,
}
const TRAITS = { mlx: MLX_TRAITS, 'llama.cpp': LLAMA_CPP_TRAITS } as const

/** Where measurements come from. */
const SOURCES = {
  dai: 'github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference, README, May 2024 (llama-bench; Llama 2: December 2023)',
  days: 'github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference/issues/1, August 2023',
  geerlingCluster: 'github.com/geerlingguy/beowulf-ai-cluster/issues/17, December 2025 (llama-bench)',
  geerlingUltra: 'github.com/geerlingguy/ai-benchmarks/issues/48, February 2026 (llama-bench)',
  geerlingMini: 'github.com/geerlingguy/ai-benchmarks/issues/2, November 2024 (Ollama)',
  normieM4: 'github.com/brand-o/normiebench/issues/3, March 2026',
  normieM1Max: 'github.com/brand-o/normiebench/issues/40, March 2026',
  llmfit: 'github.com/AlexsJones/llmfit/pull/1031, September 2026',
  llmfitData: 'github.com/AlexsJones/llmfit, llmfit-core/data/community, July to September 2026 (llmfit, Ollama)',
  chigkim: 'github.com/ml-explore/mlx-examples/issues/1029, December 2024 (mlx-lm 0.20.4)',
  wired: 'github.com/ml-explore/mlx-examples/pull/1069, October 2024 (mlx-lm)',
  causal: 'github.com/ml-explore/mlx-lm/pull/40, March 2025',
  rapid: 'github.com/raullenchai/Rapid-MLX, docs/benchmarks/llm.md, early 2026',
  rapidData: 'github.com/raullenchai/Rapid-MLX, community-benchmarks/submissions, June and July 2026',
  vllmMlx: 'github.com/waybarrios/vllm-mlx/issues/531, May 2026',
  nexVeridian: 'github.com/NexVeridian/llm-inference-benchmarks, README (LM Studio)',
  minimax: 'github.com/ml-explore/mlx-lm/issues/763, January 2026 (LM Studio)',
  louis: 'github.com/exo-explore/exo/issues/2070, May 2026',
  glm: 'github.com/exo-explore/exo/issues/1468, February 2026 (exo)',
  geerlingExo: 'Jeff Geerling, "1.5 TB of VRAM on Mac Studio", December 2025 (exo 1.0), as cited by snackonai.com, April 2026',
} as const

type Measure = { readonly decodeAt: number } | { readonly promptOf: number }

export interface PublishedPoint {
  readonly source: (typeof SOURCES)[keyof typeof SOURCES]
  readonly engine: keyof typeof TRAITS
  readonly chip: string
  readonly gpuCores: number
  readonly machines: number
  readonly path: 'rdma' | 'thunderbolt' | null
  readonly strategy: 'pipeline' | 'tensor'
  readonly model: PublishedModel
  readonly quantization: PublishedQuantization
  readonly measure: Measure
  /** Tokens per second. */
  readonly measured: number
}

type Row = readonly [model: PublishedModel, quantization: PublishedQuantization, measure: Measure, measured: number]

const at = (decodeAt: number): Measure => ({ decodeAt })
const prompt = (promptOf: number): Measure => ({ promptOf })
/** llama-bench generates 128 tokens from nothing; chat programs answer short prompts. */
const SHORT = at(128)

function points(
  source: keyof typeof SOURCES,
  engine: PublishedPoint['engine'],
  chip: string,
  gpuCores: number,
  rows: readonly Row[],
  group: Pick<PublishedPoint, 'machines' | 'path' | 'strategy'> = { machines: 1, path: null, strategy: 'pipeline' },
): PublishedPoint[] {
  return rows.map(([model, quantization, measure, measured]) => ({
    source: SOURCES[source],
    engine,
    chip,
    gpuCores,
    ...group,
    model,
    quantization,
    measure,
    measured,
  }))
}

const mesh = (machines: number) => ({ machines, path: 'rdma', strategy: 'tensor' }) as const

/**
 * Published measurements whose machine, model, quantization and context are stated. Left out: machines whose memory is too
 * small for the model, so that they measure the disk, and pages that contradict themselves.
 */
export const PUBLISHED_POINTS: readonly PublishedPoint[] = [
  ...points('dai', 'llama.cpp', 'Apple M2 Ultra', 76, [
    ['Llama 2 7B', 'Q4_0', at(512), 91.89],
    ['Llama 2 7B', 'F16', at(512), 40.68],
    ['Llama 2 70B', 'Q4_0', at(512), 14.37],
    ['Llama 2 70B', 'F16', at(512), 4.81],
    ['Llama 3.1 8B', 'Q4_K_M', at(256), 78.81],
    ['Llama 3.1 8B', 'Q4_K_M', at(4096), 54.13],
    ['Llama 3.1 8B', 'F16', at(256), 36.9],
    ['Llama 3.1 8B', 'F16', at(4096), 30.68],
    ['Llama 3.3 70B', 'Q4_K_M', at(256), 12.48],
    ['Llama 3.3 70B', 'Q4_K_M', at(4096), 9.34],
    ['Llama 3.3 70B', 'F16', at(256), 4.76],
    ['Llama 3.1 8B', 'Q4_K_M', prompt(512), 994.04],
    ['Llama 3.1 8B', 'F16', prompt(4096), 1194.21],
    ['Llama 3.3 70B', 'Q4_K_M', prompt(512), 118.79],
    ['Llama 3.3 70B', 'F16', prompt(4096), 133.75],
  ]),
  ...points('dai', 'llama.cpp', 'Apple M3', 10, [['Llama 2 7B', 'Q4_0', at(512), 20.79]]),
  ...points('dai', 'llama.cpp', 'Apple M3 Max', 40, [
    ['Llama 2 7B', 'Q4_0', at(512), 63.11],
    ['Llama 2 7B', 'F16', at(512), 24.76],
    ['Llama 3.1 8B', 'Q4_K_M', at(256), 48.97],
    ['Llama 3.1 8B', 'Q4_K_M', at(4096), 36.12],
    ['Llama 3.1 8B', 'F16', at(256), 22.04],
    ['Llama 3.3 70B', 'Q4_K_M', at(256), 7.65],
    ['Llama 3.1 8B', 'Q4_K_M', prompt(512), 693.32],
    ['Llama 3.1 8B', 'F16', prompt(512), 769.84],
    ['Llama 3.3 70B', 'Q4_K_M', prompt(4096), 64.9],
  ]),
  ...points('days', 'llama.cpp', 'Apple M2 Pro', 19, [
    ['Llama 2 7B', 'Q4_0', SHORT, 34.59],
    ['Llama 2 13B', 'Q4_0', SHORT, 19.72],
    ['Llama 2 7B', 'F16', SHORT, 10.85],
  ]),
  ...points('geerlingCluster', 'llama.cpp', 'Apple M3 Ultra', 80, [
    ['Llama 3.3 70B', 'Q4_K_M', SHORT, 14.41],
    ['Llama 3.3 70B', 'Q4_K_M', prompt(512), 162.3],
    ['Llama 3.3 70B', 'Q4_K_M', prompt(4096), 156.67],
    ['DeepSeek V3', 'Q4_K_M', SHORT, 20.21],
    ['DeepSeek V3', 'Q4_K_M', prompt(512), 168.9],
    ['DeepSeek V3', 'Q4_K_M', prompt(4096), 159.64],
  ]),
  ...points('geerlingUltra', 'llama.cpp', 'Apple M1 Ultra', 64, [
    ['TinyLlama 1.1B', 'Q4_K_M', SHORT, 242.56],
    ['TinyLlama 1.1B', 'Q4_K_M', prompt(512), 5587.84],
    ['Llama 3.2 3B', 'Q4_K_M', prompt(512), 2142.59],
  ]),
  ...points('geerlingMini', 'llama.cpp', 'Apple M4', 10, [
    ['Llama 3.2 3B', 'Q4_K_M', SHORT, 41.04],
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 20.89],
  ]),
  ...points('normieM4', 'llama.cpp', 'Apple M4', 10, [
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 20.87],
    ['Llama 3.1 8B', 'Q4_K_M', prompt(512), 224.81],
  ]),
  ...points('normieM1Max', 'llama.cpp', 'Apple M1 Max', 32, [
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 46.2],
    ['Llama 3.1 8B', 'Q4_K_M', prompt(512), 499.58],
  ]),
  ...points('llmfit', 'llama.cpp', 'Apple M2 Pro', 19, [
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 33],
    ['Llama 3.1 8B', 'Q8_0', SHORT, 22],
    ['Qwen 2.5 14B', 'Q4_K_M', SHORT, 17.6],
    ['gpt-oss 20B', 'MXFP4 and Q8', SHORT, 50.4],
  ]),
  ...points('llmfit', 'mlx', 'Apple M2 Pro', 19, [
    ['Llama 3.1 8B', '4 bits', SHORT, 36.2],
    ['Qwen 2.5 14B', '4 bits', SHORT, 19.2],
    ['gpt-oss 20B', 'MXFP4 and Q8', SHORT, 44.2],
  ]),
  ...points('chigkim', 'mlx', 'Apple M3 Max', 40, [
    ['Llama 3.3 70B', '4 bits', at(260), 9.351],
    ['Llama 3.3 70B', '4 bits', at(4126), 8.917],
    ['Llama 3.3 70B', '4 bits', at(8015), 8.52],
    ['Llama 3.3 70B', '4 bits', at(16_003), 7.779],
    ['Llama 3.3 70B', '4 bits', at(30_136), 6.784],
    ['Llama 3.3 70B', '4 bits', prompt(4126), 79.41],
    ['Llama 3.3 70B', '4 bits', prompt(30_136), 58.08],
  ]),
  ...points('wired', 'mlx', 'Apple M2 Ultra', 76, [['Llama 3.3 70B', 'F16', SHORT, 4.7]]),
  ...points('causal', 'mlx', 'Apple M2 Ultra', 76, [['Mistral 7B', '4 bits', prompt(33_898), 869.279]]),
  ...points('rapid', 'mlx', 'Apple M4 Max', 40, [
    ['Qwen 3 0.6B', '8 bits', SHORT, 402.3],
    ['Llama 3.2 1B', '4 bits', SHORT, 463.6],
    ['Qwen 2.5 1.5B', '4 bits', SHORT, 308.5],
    ['Llama 3.2 3B', '4 bits', SHORT, 200.1],
    ['Qwen 3 30B A3B', '4 bits', SHORT, 123.9],
  ]),
  ...points('rapid', 'mlx', 'Apple M1 Max', 32, [['Qwen 3 0.6B', '8 bits', SHORT, 251.9]]),
  ...points('rapidData', 'mlx', 'Apple M3 Ultra', 60, [
    ['Qwen 3 0.6B', '4 bits', at(576), 387.6],
    ['Qwen 3 0.6B', '4 bits', prompt(2048), 9353.2],
    ['Phi 4 mini', '4 bits', at(576), 167.4],
    ['Phi 4 mini', '4 bits', prompt(2048), 2328],
    ['Gemma 3 4B', '4 bits', at(576), 141.2],
    ['Gemma 3 4B', '4 bits', prompt(2048), 2206.2],
    ['Llama 3.1 8B', '4 bits', at(576), 119.4],
    ['Llama 3.1 8B', '4 bits', at(2304), 110.4],
    ['Llama 3.1 8B', '4 bits', prompt(512), 1156],
    ['Llama 3.1 8B', '4 bits', prompt(2048), 1193.6],
    ['Qwen 3 8B', '4 bits', at(576), 112.9],
    ['Qwen 3 8B', '4 bits', at(2304), 103.7],
    ['Qwen 3 8B', '4 bits', prompt(2048), 1093.5],
    ['Qwen 2.5 14B', '4 bits', at(576), 66.4],
    ['Qwen 2.5 14B', '4 bits', at(2304), 60.5],
    ['Qwen 2.5 14B', '4 bits', prompt(2048), 622.3],
    ['Gemma 3 27B', '4 bits', at(576), 35.2],
    ['Gemma 3 27B', '4 bits', prompt(2048), 310.3],
  ]),
  ...points('rapidData', 'mlx', 'Apple M2 Max', 38, [
    ['gpt-oss 20B', 'MXFP4 and Q8', at(576), 86],
    ['gpt-oss 20B', 'MXFP4 and Q8', at(2304), 80.1],
    ['gpt-oss 20B', 'MXFP4 and Q8', prompt(512), 599.2],
    ['gpt-oss 20B', 'MXFP4 and Q8', prompt(2048), 655.9],
  ]),
  ...points('llmfitData', 'mlx', 'Apple M4 Pro', 20, [
    ['Mistral 7B', '4 bits', SHORT, 51.6],
    ['Qwen 2.5 7B', '4 bits', SHORT, 51.6],
    ['Llama 3.1 8B', '4 bits', SHORT, 50.2],
    ['Qwen 3 8B', '4 bits', SHORT, 49.4],
    ['Qwen 2.5 14B', '4 bits', SHORT, 25.9],
    ['Qwen 3 14B', '4 bits', SHORT, 27.8],
    ['gpt-oss 20B', 'MXFP4 and Q4', SHORT, 76.7],
    ['Mistral Small 24B', '4 bits', SHORT, 17.4],
    ['Qwen 3 30B A3B', '4 bits', SHORT, 70.4],
  ]),
  ...points('llmfitData', 'llama.cpp', 'Apple M4 Pro', 20, [
    ['Mistral 7B', 'Q4_K_M', SHORT, 50.6],
    ['Qwen 2.5 7B', 'Q4_K_M', SHORT, 49.6],
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 47.2],
    ['Qwen 3 8B', 'Q4_K_M', SHORT, 46.2],
    ['Qwen 2.5 14B', 'Q4_K_M', SHORT, 25.7],
    ['Qwen 3 14B', 'Q4_K_M', SHORT, 26.6],
    ['gpt-oss 20B', 'MXFP4 and Q8', SHORT, 66.5],
    ['Mistral Small 24B', 'Q4_K_M', SHORT, 16.5],
    ['Qwen 3 30B A3B', 'Q4_K_M', SHORT, 70.5],
  ]),
  ...points('llmfitData', 'llama.cpp', 'Apple M3 Pro', 18, [
    ['Qwen 3 8B', 'Q4_K_M', SHORT, 24.6],
    ['Qwen 2.5 14B', 'Q4_K_M', SHORT, 15.1],
  ]),
  ...points('llmfitData', 'llama.cpp', 'Apple M5 Pro', 20, [['Mistral Small 24B', 'Q4_K_M', SHORT, 19.8]]),
  ...points('llmfitData', 'llama.cpp', 'Apple M5 Max', 40, [
    ['Llama 3.2 3B', 'Q4_K_M', SHORT, 161.8],
    ['Llama 3.1 8B', 'Q4_K_M', SHORT, 89.3],
    ['gpt-oss 20B', 'MXFP4 and Q8', SHORT, 101.4],
  ]),
  ...points('vllmMlx', 'mlx', 'Apple M4 Pro', 20, [['Qwen 3 0.6B', '8 bits', SHORT, 284.2]]),
  ...points('nexVeridian', 'mlx', 'Apple M4 Max', 40, [
    ['Qwen 2.5 1.5B', '4 bits', SHORT, 282],
    ['Qwen 2.5 7B', '4 bits', SHORT, 91],
    ['Mistral Nemo 12B', '4 bits', SHORT, 65],
    ['Mistral Nemo 12B', '6 bits', SHORT, 45],
    ['Mistral Nemo 12B', '8 bits', SHORT, 36],
    ['Qwen 2.5 14B', '4 bits', SHORT, 52],
    ['Mistral Small 24B', '4 bits', SHORT, 35],
    ['Qwen 2.5 32B', '4 bits', SHORT, 23],
    ['Llama 3.3 70B', '3 bits', SHORT, 15],
  ]),
  ...points('nexVeridian', 'llama.cpp', 'Apple M4 Max', 40, [
    ['Qwen 2.5 7B', 'Q4_K_M', SHORT, 70],
    ['Qwen 2.5 14B', 'Q4_K_M', SHORT, 36],
    ['Qwen 2.5 32B', 'Q4_K_M', SHORT, 18],
  ]),
  ...points('minimax', 'mlx', 'Apple M3 Ultra', 80, [
    ['MiniMax M2.1', '4 bits', at(30_000), 25],
    ['MiniMax M2.1', '4 bits', prompt(30_000), 363.6],
  ]),
  ...points('louis', 'mlx', 'Apple M5 Max', 40, [['gpt-oss 120B', 'MXFP4 and Q8', SHORT, 89]]),
  ...points('louis', 'mlx', 'Apple M5 Max', 40, [['gpt-oss 120B', 'MXFP4 and Q8', SHORT, 68]], {
    machines: 2,
    path: 'thunderbolt',
    strategy: 'pipeline',
  }),
  ...points(
    'glm',
    'mlx',
    'Apple M3 Ultra',
    80,
    [
      ['GLM 5', 'MXFP8', SHORT, 18.3],
      ['GLM 5', 'MXFP8', at(10_000), 16.7],
      ['GLM 5', 'MXFP8', prompt(10_000), 233],
    ],
    mesh(2),
  ),
  ...points(
    'glm',
    'mlx',
    'Apple M3 Ultra',
    80,
    [
      ['GLM 5', 'MXFP8', SHORT, 23.7],
      ['GLM 5', 'MXFP8', at(10_000), 21.3],
      ['GLM 5', 'MXFP8', prompt(10_000), 363],
    ],
    mesh(4),
  ),
  ...points(
    'geerlingExo',
    'mlx',
    'Apple M3 Ultra',
    80,
    [
      ['Qwen 3 235B A22B', '8 bits', SHORT, 31.9],
      ['DeepSeek V3', '8 bits', SHORT, 32.5],
      ['Kimi K2', '4 bits', SHORT, 28.3],
    ],
    mesh(4),
  ),
]

/** Tokens per second, as the planner computes them. */
export function predictPoint({ chip, gpuCores, machines, path, strategy, model, quantization, engine, measure }: PublishedPoint): number {
  const variant = CHIPS.find((each) => each.name === chip && each.gpuCores === gpuCores)
  if (!variant) throw new Error(`${chip} with ${gpuCores} GPU cores is not in the table.`)
  const work = modelWork(publishedCard(model, quantization))
  const links = path === 'rdma' ? cable('a', 'rdma_en2', 'b', 'rdma_en2') : ethernet('a', 'b', { medium: 'thunderbolt', roundTripMs: null })
  const group: SpeedGroup = {
    work,
    strategy,
    ranks: Array.from({ length: machines }, () => ({
      speed: speedOfChip(variant),
      layers: strategy === 'tensor' ? work.layers : work.layers / machines,
    })),
    path: path === null ? null : pathSpeed(links, path === 'rdma'),
    traits: TRAITS[engine],
  }
  return 'decodeAt' in measure ? 1 / decodeSeconds(group, measure.decodeAt) : measure.promptOf / promptSeconds(group, measure.promptOf)
}
