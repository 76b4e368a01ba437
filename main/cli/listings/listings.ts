import { z } from 'zod'
import { BenchmarkResult } from '../../benchmark/benchmark-result.ts'
import { ClusterView, InstanceView, LinkView, NarrowPathView } from '../../shared/cluster-view.ts'
import { HistoryRow } from '../../shared/history.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import { HubHit } from '../../shared/models/hub-hit.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { ModelSettings } from '../../shared/models/model-settings.ts'
import { MachineSpeed } from '../../shared/speed/machine-speed.ts'
import { NewTokenAnswer, TokensAnswer } from '../../shared/wire/api/api-tokens.ts'
import { DoctorAnswer } from '../../shared/wire/api/doctor.ts'
import { Membership, ClosedClusterView } from '../../shared/wire/api/membership.ts'
import { LogLine } from '../../shared/wire/peer/log-lines.ts'
import { ClusterComparison } from '../../benchmark/cluster-comparison.ts'

/** The JSON that a command prints with `--json`. */
export interface Listing {
  readonly schema: z.ZodType
  /** For docs/listings.md. */
  readonly means: string
}

const Bytes = z.number().min(0)
const NamedFile = z.strictObject({
  name: z.string(),
  bytes: Bytes,
  /** `hash`: the content has the hash by which the hub names it; `structure`: only the form of the file could be checked. */
  by: z.enum(['hash', 'structure']),
  problem: z.string().nullable(),
})
const PartialModelRow = z.strictObject({ modelId: ModelId, dir: z.string(), presentBytes: Bytes })

/** Every listing, by its command. A new one needs a row here, and `node setup/generate/write-listing-docs.mjs` updates docs/listings.md. */
export const LISTINGS = {
  'cluster status': { schema: ClusterView, means: 'The cluster as this node sees it, as in `GET /state`.' },
  ps: { schema: z.record(InstanceId, InstanceView), means: 'The loaded models, by the ids of their instances.' },
  links: {
    schema: z.strictObject({ links: z.array(LinkView), narrowPaths: z.array(NarrowPathView) }),
    means: 'The paths between the nodes. `narrowPaths` lose large packets and are not used.',
  },
  '--list-peers': {
    schema: z.strictObject({
      peers: z.array(
        z.strictObject({
          nodeId: NodeId,
          name: z.string(),
          clusterName: z.string(),
          needsKey: z.boolean(),
          totalBytes: Bytes.nullable(),
          addresses: z.array(z.string()),
          status: z.enum(['linked', 'refused', 'seen']),
          reason: z.string().nullable(),
          roundTripMs: z.number().nullable(),
        }),
      ),
    }),
    means: 'The nodes nearby, in this cluster and in others.',
  },
  members: {
    schema: z.strictObject({
      clusterName: z.string(),
      admission: Membership.shape.admission,
      ...ClosedClusterView.shape,
    }),
    means: 'The members of the cluster and the machines that ask to join it.',
  },
  logs: {
    schema: z.strictObject({ nodeId: NodeId, name: z.string(), ...LogLine.shape }),
    means: 'One line of a log. Each is printed as a JSON text of its own.',
  },
  'models ls': {
    schema: z.strictObject({
      models: z.array(
        z.strictObject({
          modelId: ModelId,
          modelDir: z.string(),
          card: ModelCard,
          isOurs: z.boolean(),
          lastUsedEpochMs: z.number().nullable(),
        }),
      ),
      damaged: z.array(z.strictObject({ modelId: ModelId, modelDir: z.string(), code: z.string(), message: z.string() })),
      partial: z.array(PartialModelRow),
      derived: z.array(z.looseObject({ name: z.string(), from: z.string() })),
    }),
    means: 'The models on this machine: whole, damaged, downloaded in part, and derived from others by the user.',
  },
  'models search': { schema: z.array(HubHit), means: 'The models that the hub has found, most downloaded first.' },
  'models set': {
    schema: z.record(ModelId, ModelSettings),
    means: 'The settings of the models that have some, or of the named model.',
  },
  'models alias': { schema: z.record(z.string(), z.string()), means: 'The model of each alias.' },
  'models quantize': {
    schema: z.strictObject({
      modelId: ModelId,
      modelDir: z.string(),
      bytesBefore: Bytes,
      bytesAfter: Bytes,
      perplexity: z.strictObject({ before: z.number(), after: z.number() }).nullable(),
    }),
    means: 'The quantized model. `perplexity` is null without `--measure`.',
  },
  'models verify': {
    schema: z.array(z.strictObject({ modelId: ModelId, modelDir: z.string(), files: z.array(NamedFile) })),
    means: 'The files of the models, and what is wrong with them.',
  },
  'models du': {
    schema: z.strictObject({
      totalBytes: Bytes,
      models: z.array(z.strictObject({ modelId: ModelId, bytes: Bytes, isWhole: z.boolean(), where: z.string() })),
    }),
    means: 'The space that the models take, largest first.',
  },
  history: { schema: z.array(HistoryRow), means: 'Past requests of this node, newest first.' },
  'history --sql': {
    schema: z.array(z.record(z.string(), z.unknown())),
    means: 'The result of a query: an object per row, with its columns.',
  },
  tokens: { schema: TokensAnswer, means: 'The named tokens of the API, without the tokens themselves.' },
  'tokens new': { schema: NewTokenAnswer, means: 'The new token, which is shown only this once.' },
  'config list': {
    schema: z.strictObject({
      file: z.string(),
      settings: z.array(
        z.strictObject({
          key: z.string(),
          value: z.unknown(),
          origin: z.enum(['flag', 'environment', 'file', 'default']),
          environment: z.string(),
        }),
      ),
    }),
    means: 'The settings of a node, where each value comes from, and its environment variable. Secrets are hidden.',
  },
  doctor: { schema: DoctorAnswer, means: 'What was checked, found, and is to be done.' },
  calibrate: { schema: z.strictObject({ modelId: z.string(), speed: MachineSpeed }), means: 'The measured speed of this machine.' },
  bench: { schema: BenchmarkResult.loose(), means: 'One row per case. With `--baseline` also `ratios`.' },
  'bench --cluster': {
    schema: ClusterComparison,
    means: 'Every placement with its figures, and the index of the one to take for each aim.',
  },
  '--version': {
    schema: z.strictObject({
      version: z.string(),
      commit: z.string().nullable(),
      engine: z.string().nullable(),
      mlx: z.string().nullable(),
      target: z.string(),
      node: z.string(),
    }),
    means: 'The versions of the program and its parts.',
  },
} as const satisfies Readonly<Record<string, Listing>>

export type ListingName = keyof typeof LISTINGS

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value

/** The text of a listing, whose type is that of its schema. */
export function listingText<Name extends ListingName>(
  _name: Name,
  value: DeepReadonly<z.input<(typeof LISTINGS)[Name]['schema']>>,
  indent: number = 2,
): string {
  return JSON.stringify(value, null, indent)
}
