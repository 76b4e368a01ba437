import { shortModelName } from '../../ui/format.ts'
import type { CatalogueRow } from './model-listing.ts'

/** One quantization of a model. */
export interface ModelVariant extends CatalogueRow {
  /** `4-bit`, or the end of its name where the bits do not tell it from its siblings. */
  readonly label: string
}

/** The quantizations of one model, the smallest first. */
export interface ModelGroup {
  readonly key: string
  readonly name: string
  /** The family's name as people know it. */
  readonly family: string
  readonly variants: readonly ModelVariant[]
}

const QUANTIZATION = /^(?:\d+(?:\.\d+)?[-_]?bits?|bf16|fp?16|fp?32|mxfp\d|nvfp\d|q\d(?:_\w+)*|gs\d+|dwq|awq|gptq|mlx)$/i

/** Families by a part of the model's name. A name with several parts belongs to the first of them here. */
const FAMILIES: readonly (readonly [part: string, family: string])[] = [
  ['deepseek', 'DeepSeek'],
  ['nemotron', 'Nemotron'],
  ['gpt-oss', 'gpt-oss'],
  ['smollm', 'SmolLM'],
  ['qwen', 'Qwen'],
  ['gemma', 'Gemma'],
  ['glm', 'GLM'],
  ['kimi', 'Kimi'],
  ['minimax', 'MiniMax'],
  ['mixtral', 'Mistral'],
  ['mistral', 'Mistral'],
  ['phi', 'Phi'],
  ['granite', 'Granite'],
  ['lfm', 'LFM'],
  ['llama', 'Llama'],
]

/** A model's name without its quantization: `Qwen3-8B-4bit` is `Qwen3-8B` and `4bit`. */
export function splitQuantization(name: string): { readonly base: string; readonly quantization: string } {
  const parts = name.split('-')
  let end = parts.length
  while (end > 1 && QUANTIZATION.test(parts[end - 1] ?? '')) end -= 1
  return { base: parts.slice(0, end).join('-'), quantization: parts.slice(end).join('-') }
}

export function familyOf(name: string, modelType: string): string {
  const lower = name.toLowerCase()
  return FAMILIES.find(([part]) => lower.includes(part))?.[1] ?? modelType
}

/** Puts the quantizations of each model together. The order of the groups is that of their first rows. */
export function groupModels(rows: readonly CatalogueRow[]): ModelGroup[] {
  const groups = new Map<string, CatalogueRow[]>()
  for (const row of rows) {
    const name = shortModelName(row.modelId)
    const key =
      row.madeFrom === undefined ? `${row.modelId.slice(0, -name.length)}${splitQuantization(name).base}`.toLowerCase() : row.modelId
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups].map(([key, members]) => toGroup(key, members))
}

function toGroup(key: string, members: readonly CatalogueRow[]): ModelGroup {
  const sorted = [...members].sort(
    (first, second) => weightBytesOf(first) - weightBytesOf(second) || first.modelId.localeCompare(second.modelId),
  )
  const names = sorted.map(({ modelId }) => shortModelName(modelId))
  const bits = sorted.map(({ card }) => `${card?.quantization?.bits ?? 16}-bit`)
  const name = splitQuantization(names[0] ?? key).base
  const areBitsUnique = new Set(bits).size === bits.length
  return {
    key,
    name: sorted[0]?.madeFrom === undefined ? name : key,
    family: familyOf(name, sorted[0]?.card?.family ?? ''),
    variants: sorted.map((row, index) => ({
      ...row,
      label: areBitsUnique ? (bits[index] ?? '') : splitQuantization(names[index] ?? '').quantization || (bits[index] ?? ''),
    })),
  }
}

export const weightBytesOf = ({ card }: Pick<CatalogueRow, 'card'>): number => card?.weightBytes ?? 0
