import type { MachineSpeed } from '../../shared/speed/machine-speed.ts'
import type { ParallelStrategy } from '../../shared/models/model-card.ts'
import type { EngineTraits } from './engine-traits.ts'
import { kvBytesAt, type ModelWork, promptAttentionFlops } from './model-work.ts'
import type { PathSpeed } from './path-speed.ts'

/** The machines that run a model together. */
export interface SpeedGroup {
  readonly work: ModelWork
  readonly strategy: ParallelStrategy
  /** Index = rank. `layers` is their number; every tensor-parallel rank has all. */
  readonly ranks: readonly { readonly speed: MachineSpeed; readonly layers: number }[]
  /** The slowest path that the ranks use; null for one rank. */
  readonly path: PathSpeed | null
  readonly traits: EngineTraits
}

/** The GPU waits for the message and starts again. */
const SYNC_SECONDS = 30e-6
/** The same between two processes that wake each other over TCP. */
const TCP_SYNC_SECONDS = 700e-6
/** A layer with experts also routes, sorts and gathers. */
const EXPERT_LAYER_FACTOR = 1.5
/** Sums per layer in tensor parallel: after attention and after the MLP. */
const SUMS_PER_LAYER = 2
const ACTIVATION_BYTES = 2
/** Tokens of a prompt that are evaluated together. */
const CHUNK_TOKENS = 512

/** The time of one step that generates one token for each of `sequences`, each with `contextTokens` before it. */
export function decodeSeconds(group: SpeedGroup, contextTokens: number, sequences = 1): number {
  const { work, strategy, ranks, path, traits } = group
  const isSplit = strategy === 'tensor' && ranks.length > 1
  const headRank = 0
  const stages = ranks.map(({ speed, layers }, rank) => {
    const share = isSplit ? 1 / ranks.length : layers / work.layers
    const kvShare = isSplit && work.isKvReplicated ? 1 : share
    const head = isSplit ? work.headBytes / ranks.length : rank === headRank ? work.headBytes : 0
    const plain = work.plainBytes * share + head
    const experts = chosenBytes(work, sequences) * share
    const reading =
      plain / traits.plainShare + experts / traits.expertShare + (sequences * kvBytesAt(work, contextTokens) * kvShare) / traits.kvShare
    const weights = plain * work.plainWeightsPerByte + work.expertBytes * share * work.expertWeightsPerByte
    const flops = weights * (traits.flopsPerWeight + (sequences > 1 ? 2 * sequences : 0))
    const starting = (isSplit ? work.layers : layers) * startSeconds(group, speed)
    return reading / speed.bytesPerSecond + flops / speed.flopsPerSecond + starting
  })
  if (!path) return sum(stages)
  const bytes = sequences * work.hiddenSize * ACTIVATION_BYTES
  if (isSplit) return Math.max(...stages) + work.layers * SUMS_PER_LAYER * sumSeconds(path, ranks.length, bytes)
  return sum(stages) + ranks.length * hopSeconds(path, bytes)
}

/** The time to evaluate a prompt up to its first token. */
export function promptSeconds(group: SpeedGroup, tokens: number): number {
  const { work, strategy, ranks, path, traits } = group
  const isSplit = strategy === 'tensor' && ranks.length > 1
  const chunks = Math.ceil(tokens / CHUNK_TOKENS)
  const plainFlops = 2 * work.plainBytes * work.plainWeightsPerByte * tokens
  const expertFlops = 2 * work.expertBytes * work.expertWeightsPerByte * tokens
  const readBytes = chunks * (work.plainBytes / traits.plainShare + chosenBytes(work, Math.min(tokens, CHUNK_TOKENS)) / traits.plainShare)
  const stages = ranks.map(({ speed, layers }) => {
    const share = isSplit ? 1 / ranks.length : layers / work.layers
    const computing = (plainFlops + promptAttentionFlops(work, tokens)) / traits.promptShare + expertFlops / traits.expertPromptShare
    const starting = chunks * (isSplit ? work.layers : layers) * startSeconds(group, speed)
    return Math.max((computing * share) / speed.flopsPerSecond, (readBytes * share) / speed.bytesPerSecond) + starting
  })
  const bytes = Math.min(tokens, CHUNK_TOKENS) * work.hiddenSize * ACTIVATION_BYTES
  const moving = !path
    ? 0
    : isSplit
      ? chunks * work.layers * SUMS_PER_LAYER * sumSeconds(path, ranks.length, bytes)
      : chunks * (ranks.length - 1) * hopSeconds(path, bytes)
  return (isSplit ? Math.max(...stages) : sum(stages)) + moving + decodeSeconds(group, tokens)
}

/** The time to start the kernels of one layer. */
function startSeconds({ work, traits }: SpeedGroup, speed: MachineSpeed): number {
  return speed.layerSeconds * traits.layerFactor * (work.allExpertBytes > 0 ? EXPERT_LAYER_FACTOR : 1)
}

/** Several tokens choose different experts, up to all. */
function chosenBytes({ expertBytes, allExpertBytes }: ModelWork, tokens: number): number {
  if (allExpertBytes === 0) return 0
  return allExpertBytes * (1 - (1 - expertBytes / allExpertBytes) ** tokens)
}

function hopSeconds(path: PathSpeed, bytes: number): number {
  return (path.kind === 'rdma' ? SYNC_SECONDS : TCP_SYNC_SECONDS) + path.messageSeconds + bytes / path.bytesPerSecond
}

/** RDMA: each rank sends to all others. TCP: partial sums travel around the ring, then the result does. */
function sumSeconds(path: PathSpeed, ranks: number, bytes: number): number {
  const moved = (2 * (ranks - 1) * bytes) / ranks / path.bytesPerSecond
  const messages = (path.kind === 'rdma' ? 1 : 2) * (ranks - 1)
  return SYNC_SECONDS + messages * path.messageSeconds + moved
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
