import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ModelId } from '../../../shared/ids.ts'
import { CardSampling } from '../../../shared/inference/sampling.ts'
import { ModelCapability } from '../../../shared/models/model-capability.ts'
import type { ModelCard } from '../../../shared/models/model-card.ts'
import { MODEL_FAMILIES } from '../../../shared/models/model-families.ts'
import { modelCardOfConfig } from '../model-card-of-config.ts'

/**
 * How weights are stored: floats, MLX's groups, a microscaled format, or integers with a scale and no offset. `mixed`: layers differ,
 * and most have about this number of bits.
 */
const Stored = z.templateLiteral([z.enum(['bf16', 'mxfp4', 'affine', 'integer', 'mixed']), z.string().regex(/^(\d\/\d+)?$/)])

const ModelFacts = z.strictObject({
  /** The repository of the authors, which has the whole config.json. */
  source: z.string(),
  config: z.looseObject({ model_type: z.string() }),
  sampling: CardSampling,
  license: z.string(),
  capabilities: z.array(ModelCapability),
  isMultimodal: z.boolean().optional(),
  /** Weights that read images or sound, which are not quantized. */
  otherBytes: z.int().min(0).default(0),
  builds: z.array(
    z.strictObject({
      modelId: ModelId,
      aliases: z.array(z.string()),
      stored: Stored,
      /** How everything but the experts is stored, if differently. */
      rest: Stored.optional(),
      weightBytes: z.int().min(1),
    }),
  ),
})
type ModelFacts = z.infer<typeof ModelFacts>

const factsDir = fileURLToPath(new URL('../../../../setup/generate/model-facts', import.meta.url))

export const readModelFacts = (): ModelFacts[] =>
  readdirSync(factsDir).map((file) => ModelFacts.parse(JSON.parse(readFileSync(join(factsDir, file), 'utf8'))))

/** Machines of 48, 96 and 192 GB. */
const DEVICE_LIMITS: readonly (readonly [devices: number, bytes: number])[] = [
  [1, 36e9],
  [2, 79e9],
  [4, 170e9],
]
const devicesFor = (bytes: number): number => DEVICE_LIMITS.find(([, limit]) => bytes < limit)?.[0] ?? 8

export interface Storage {
  readonly form: string
  readonly bits: number
  readonly groupSize: number
}

export function storageOf(stored: string): Storage {
  const [, form = '', bits, groupSize] = /^(bf16|mxfp4|[a-z]+)(?:(\d)\/(\d+))?$/.exec(stored) ?? []
  if (form === 'bf16') return { form, bits: 16, groupSize: Infinity }
  if (form === 'mxfp4') return { form, bits: 4, groupSize: 32 }
  return { form, bits: Number(bits), groupSize: Number(groupSize) }
}

/** The files of the catalogue for one model, one per build. */
export function cardsOfFacts(facts: ModelFacts): { readonly name: string; readonly text: string; readonly card: ModelCard }[] {
  return facts.builds.map(({ modelId, aliases, stored, weightBytes }) => {
    const { form, bits, groupSize } = storageOf(stored)
    const quantization = form === 'bf16' ? {} : { quantization: { bits, group_size: groupSize, mode: form === 'mxfp4' ? form : 'affine' } }
    const card = modelCardOfConfig(modelId, { ...facts.config, ...quantization }, weightBytes, MODEL_FAMILIES, {
      aliases,
      sampling: facts.sampling,
      capabilities: facts.capabilities,
      ...(facts.isMultimodal && { isMultimodal: true }),
      license: facts.license,
      minDevices: devicesFor(weightBytes),
      strategies: ['pipeline', 'tensor'],
    })
    return { name: `${modelId.split('/')[1]?.toLowerCase()}.json`, text: textOf(card), card }
  })
}

/** One field per line. */
const textOf = (card: ModelCard): string =>
  `{\n${Object.entries(card)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${spaced(value)}`)
    .join(',\n')}\n}\n`

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
    .join(', ')} }`
}
