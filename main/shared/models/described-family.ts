import { z } from 'zod'
import { TokenId } from '../ids.ts'

/** A key of config.json. */
const ConfigKey = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
const ConfigNumber = z.number().min(-1e9).max(1e9)
const Scalar = z.union([ConfigNumber, z.boolean(), z.string().max(64), z.null()])
/** A value of config.json. */
const ConfigValue = z.union([Scalar, z.array(Scalar).max(256), z.record(ConfigKey, z.union([Scalar, z.array(Scalar).max(256)]))])
const mostKeys = <Value>(record: Readonly<Record<string, Value>>): boolean => Object.keys(record).length <= 64
const ConfigValues = z.record(ConfigKey, ConfigValue).refine(mostKeys, 'there are more than 64 keys')

const MODULE = '[A-Za-z][A-Za-z0-9_]{0,63}(?:\\.[A-Za-z0-9_]{1,64}){0,7}'
/** The name of a module in a model's files. */
const Module = z.string().regex(new RegExp(`^${MODULE}$`))
const Factor = z.number().min(-1e6).max(1e6)

const Place = z.strictObject({
  prefix: z.string().regex(new RegExp(`^(?:${MODULE}\\.)?$`)),
  embedding: Module,
  head: Module,
  finalNorm: Module.optional(),
  layers: Module.optional(),
})

/** What a family's decoder has other than that of the family it resembles. Names are as in `native/family/family.ts`. */
const DecoderChanges = z.strictObject({
  places: z.tuple([Place], Place).optional(),
  norms: z
    .strictObject({
      input: Module.nullable().optional(),
      attentionOutput: Module.nullable().optional(),
      feedForward: Module.nullable().optional(),
      feedForwardOutput: Module.nullable().optional(),
    })
    .optional(),
  attentionModules: z
    .strictObject({
      queryKeyValue: z.union([z.tuple([Module, Module, Module]), z.tuple([Module])]).optional(),
      output: Module.optional(),
      queryNorm: Module.optional(),
      keyNorm: Module.optional(),
    })
    .optional(),
  /** The modules of the feed-forward for every token. */
  feedForwardModules: z
    .strictObject({ gateUp: z.union([z.tuple([Module, Module]), z.tuple([Module])]).optional(), down: Module.optional() })
    .optional(),
  normOffset: Factor.optional(),
  embeddingScale: Factor.optional(),
  attentionScale: Factor.optional(),
  residualScale: Factor.optional(),
  logitScale: Factor.optional(),
  softCap: Factor.min(0).optional(),
  logitCap: Factor.min(0).optional(),
  layerNorm: z.strictObject({ hasBias: z.boolean() }).nullable().optional(),
  isParallel: z.boolean().optional(),
  hasQueryKeyValueBias: z.boolean().optional(),
  hasAttentionOutputBias: z.boolean().optional(),
  hasQueryKeyNorm: z.boolean().optional(),
  isRowNormed: z.boolean().optional(),
  isNormedAfterRotation: z.boolean().optional(),
  hasHeadBias: z.boolean().optional(),
  isHeadTied: z.boolean().optional(),
})
export type DecoderChanges = z.infer<typeof DecoderChanges>

/** A family of models that has the parts of a known one under other names. It is data: no code comes with it. */
export const DescribedFamily = z.strictObject({
  /** `model_type` in config.json. */
  modelType: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/),
  /** The `model_type` of the known family whose code reads the configuration. */
  like: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  /** Keys of this family's config.json and the known family's names for them. */
  keys: z.record(ConfigKey, ConfigKey).refine(mostKeys, 'there are more than 64 keys').default({}),
  /** Values, by the known family's names, of keys that a config.json leaves out. */
  defaults: ConfigValues.default({}),
  /** Values, by the known family's names, that hold whatever config.json says. */
  values: ConfigValues.default({}),
  decoder: DecoderChanges.default({}),
})
export type DescribedFamily = z.infer<typeof DescribedFamily>

/** A tiny model of a family and the answer that it must give. */
export const FamilyCheck = z
  .strictObject({
    /** Its config.json in the family's own names, without `model_type`. */
    config: ConfigValues,
    /** Of its random weights. */
    seed: z.int().min(0).max(0x7fffffff),
    prompt: z.array(TokenId).min(2).max(64),
    /** The most likely token at each step, and its natural logprob. */
    tokenIds: z.array(TokenId).min(4).max(32),
    logprobs: z.array(z.number().min(-100).max(0)).min(4).max(32),
  })
  .refine(({ tokenIds, logprobs }) => tokenIds.length === logprobs.length, 'there is not one logprob for each token')
export type FamilyCheck = z.infer<typeof FamilyCheck>

/** The most families that a catalogue can describe. */
export const MOST_DESCRIBED_FAMILIES = 64

/** A family that the engine knows: the `model_type` of a built-in one, or a description. */
export type KnownFamily = string | DescribedFamily

/** The known family of a `model_type`. A built-in family precedes a description of the same name. */
export function findFamily<Family extends KnownFamily>(families: readonly Family[], modelType: unknown): Family | undefined {
  return (
    families.find((family) => family === modelType) ??
    families.find((family) => typeof family !== 'string' && family.modelType === modelType)
  )
}

/** config.json in the names of the family that a described one resembles. */
export function asKnownConfig(
  { like, keys, defaults, values }: DescribedFamily,
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const named = new Map(Object.entries(config))
  const renamed = Object.entries(keys).flatMap(([own, known]) => (named.has(own) ? [[known, named.get(own)] as const] : []))
  for (const own of Object.keys(keys)) named.delete(own)
  return Object.fromEntries([...Object.entries(defaults), ...named, ...renamed, ...Object.entries(values), ['model_type', like]])
}
