import type { Placement } from '../../shared/placement.ts'
import type { LayerRange } from '../../shared/shard.ts'
import { type ByteRanges, joinRanges } from './byte-ranges.ts'

/** The location of a tensor in its file. */
export interface TensorPlace {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The part of a model that a shard loads; null: all of it. */
export type ShardPart = { readonly layers: LayerRange; readonly isFirst: boolean; readonly isLast: boolean } | null

/** The part of each rank in a placement: its layers in a pipeline, otherwise the whole model. */
export function partsOf(placement: Pick<Placement, 'strategy' | 'shards'>): ShardPart[] {
  const isPipeline = placement.strategy === 'pipeline' && placement.shards.length > 1
  return placement.shards.map(({ layers, rank }) => (isPipeline ? { layers, isFirst: layers.start === 0, isLast: rank === 0 } : null))
}

const TEXT = '^(?:language_model\\.)?(?:model\\.)?(?:language_model\\.)?'
const LAYER = new RegExp(`${TEXT}layers\\.(\\d+)\\.`)
const EMBEDDING = /(?:^|\.)(?:embed_tokens|word_embeddings)\./
const HEAD = /(?:^|\.)lm_head\./
const FINAL_NORM = new RegExp(`${TEXT}norm\\.`)
/**
 * Whether a shard needs a tensor. A tensor outside the layers whose name is unknown is needed by all shards.
 *
 * @param isTied - the head is the embedding
 */
export function needsTensor(part: ShardPart, name: string, isTied: boolean): boolean {
  if (part === null) return true
  const layer = LAYER.exec(name)?.[1]
  if (layer !== undefined) return Number(layer) >= part.layers.start && Number(layer) < part.layers.end
  if (EMBEDDING.test(name)) return part.isFirst || (part.isLast && isTied)
  if (HEAD.test(name)) return part.isLast && !isTied
  return FINAL_NORM.test(name) ? part.isLast : true
}

export function neededRanges(part: ShardPart, tensors: readonly TensorPlace[], isTied: boolean): ByteRanges {
  return joinRanges(tensors.filter(({ name }) => needsTensor(part, name, isTied)))
}

/** Families that use a head whenever a file has one, regardless of config.json: those in `native/family` that leave `isHeadTied` open. */
const HEAD_BY_FILES: readonly unknown[] = [
  'gemma3',
  'gemma3_text',
  'glm4',
  'glm4_moe',
  'solar_open',
  'deepseek_v3',
  'glm4_moe_lite',
  'joyai_llm_flash',
  'kimi_k2',
  'kimi_k25',
  'kimi_vl',
]

/** Whether config.json says that the head is the embedding; undefined if it does not say. */
export function statedTie(config: Readonly<Record<string, unknown>>): boolean | undefined {
  const stated =
    config['tie_word_embeddings'] ?? (config['text_config'] as { tie_word_embeddings?: unknown } | undefined)?.tie_word_embeddings
  return typeof stated === 'boolean' ? stated : undefined
}

/** Whether the head is the embedding: because config.json says so, or because no file has a head. */
export function isHeadTied(config: Readonly<Record<string, unknown>>, tensorNames: Iterable<string>): boolean {
  const isStated = statedTie(config) === true && !HEAD_BY_FILES.includes(config['model_type'])
  return isStated || ![...tensorNames].some((name) => HEAD.test(name))
}
