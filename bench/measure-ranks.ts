import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage } from '../main/shared/app-error.ts'
import { medianOfRuns } from './contestants/compare-contestants.ts'
import { measureBareGroup, type BareGroupFigures } from './measure-bare-group.ts'
import { measureRun, type TokenTimes } from './measure-run.ts'
import { NodeGroup } from './node-group.ts'
import { loopbackCounters } from './own-counters.ts'
import { randomPrompt } from './random-prompt.ts'
import { requestTokens } from './contestants/request-tokens.ts'

/** The measured layouts: the division of the model and the number of nodes. */
const DIVISIONS = { one: ['pipeline', 1], pipeline: ['pipeline', 2], tensor: ['tensor', 2] } as const
const POLICIES = { bare: 'never', sealed: 'always' } as const
type Division = keyof typeof DIVISIONS
type Kind = keyof typeof POLICIES
export type RankLayout = Division | 'sealedPipeline' | 'sealedTensor'
const QUIET_MS = 2000
/** Keeps two ranks busy with two streams each. */
const STREAMS = 4
const STREAM_ROUNDS = 2

export interface LayoutFigures {
  readonly msPerToken: number
  /** Total of four concurrent streams. */
  readonly totalTokensPerSecond: number
  /** Including headers, minus the API's stream, which one process needs too. Null if other programs' traffic cannot be separated. */
  readonly bytesPerToken: number | null
}

/** The cost of sealing, as the median ratio of consecutive pairs of runs: 1 means no cost. */
export interface SealingFigures {
  readonly timeRatio: number
  readonly ofStreamsRatio: number
}

export interface RankFigures {
  /** The figures, or the reason why the layout is impossible. */
  readonly layouts: Readonly<Record<RankLayout, LayoutFigures | string>>
  /** Null if the layout is impossible. */
  readonly sealing: { readonly pipeline: SealingFigures | null; readonly tensor: SealingFigures | null }
  readonly bare: BareGroupFigures
  /** The number of sums over all ranks per token in tensor parallel: after attention and after the feed-forward of each layer. */
  readonly allSumsPerToken: number
}

export interface MeasureRanksOptions {
  readonly launcher: string
  readonly python: string
  readonly dataDir: string
  readonly modelDir: string
  readonly config: { readonly hidden_size: number; readonly num_hidden_layers: number; readonly vocab_size: number }
  /** The number of runs of each kind, which alternate. */
  readonly pairs: number
  readonly promptTokens: number
  readonly maxTokens: number
  readonly isNetworkOwn: boolean
  onRun(layout: RankLayout, progress: string): void
}

type Groups = Readonly<Record<Kind, NodeGroup>>
interface Measured {
  readonly figures: Readonly<Partial<Record<Kind, LayoutFigures>>>
  readonly sealing: SealingFigures | null
}

/**
 * Measures a model in one process and on two nodes of this machine, sealed and bare in pairs, and MLX's own group with the same
 * vector.
 */
export async function measureRanks(options: MeasureRanksOptions): Promise<RankFigures> {
  const { launcher, python, dataDir, config } = options
  const bare = await measureBareGroup(python, config.hidden_size)
  const groupOf = (kind: Kind): Promise<NodeGroup> =>
    NodeGroup.start(launcher, join(dataDir, kind), 2, ['--cluster', `bench-${kind}`, '--seal-ring', POLICIES[kind]])
  const bareGroup = await groupOf('bare')
  const groups: Groups = {
    bare: bareGroup,
    sealed: await groupOf('sealed').catch(async (error: unknown) => {
      await bareGroup.stop()
      throw error
    }),
  }
  try {
    const measure = (division: Division): Promise<Measured | string> => measureDivision(groups, division, options).catch(errorMessage)
    const [one, pipeline, tensor] = [await measure('one'), await measure('pipeline'), await measure('tensor')]
    const ownBytes = typeof one === 'string' ? null : (one.figures.bare?.bytesPerToken ?? null)
    const of = (measured: Measured | string, kind: Kind): LayoutFigures | string =>
      typeof measured === 'string' ? measured : less(measured.figures[kind], ownBytes)
    const sealingOf = (measured: Measured | string): SealingFigures | null => (typeof measured === 'string' ? null : measured.sealing)
    return {
      layouts: {
        one: of(one, 'bare'),
        pipeline: of(pipeline, 'bare'),
        sealedPipeline: of(pipeline, 'sealed'),
        tensor: of(tensor, 'bare'),
        sealedTensor: of(tensor, 'sealed'),
      },
      sealing: { pipeline: sealingOf(pipeline), tensor: sealingOf(tensor) },
      bare,
      allSumsPerToken: 2 * config.num_hidden_layers,
    }
  } finally {
    await Promise.all([groups.bare.stop(), groups.sealed.stop()])
  }
}

function less(figures: LayoutFigures | undefined, ownBytes: number | null): LayoutFigures | string {
  if (!figures) return 'it was not measured'
  return { ...figures, bytesPerToken: figures.bytesPerToken === null || ownBytes === null ? null : figures.bytesPerToken - ownBytes }
}

async function measureDivision(groups: Groups, division: Division, options: MeasureRanksOptions): Promise<Measured> {
  const { modelDir, config, pairs, promptTokens, maxTokens, isNetworkOwn, onRun } = options
  const [sharding, nodeCount] = DIVISIONS[division]
  const kinds: readonly Kind[] = division === 'one' ? ['bare'] : ['bare', 'sealed']
  const layoutOf = (kind: Kind): RankLayout =>
    kind === 'bare' || division === 'one' ? division : division === 'pipeline' ? 'sealedPipeline' : 'sealedTensor'
  const placed: Partial<Record<Kind, Awaited<ReturnType<NodeGroup['place']>>>> = {}
  try {
    const run = (kind: Kind, tokens: number, seed: number): Promise<TokenTimes> =>
      requestTokens(placed[kind]!.apiUrl, modelDir, {
        promptTokenIds: randomPrompt(seed, promptTokens, config.vocab_size),
        maxTokens: tokens,
      })
    for (const kind of kinds) {
      placed[kind] = await groups[kind].place(modelDir, sharding, nodeCount)
      await run(kind, 2, 0)
    }
    const msPerToken = await inPairs(kinds, pairs, async (kind, pair) => {
      const ms = 1000 / measureRun(await run(kind, maxTokens, pair)).decodeTokensPerSecond
      onRun(layoutOf(kind), `${pair + 1} of ${pairs}: ${ms.toFixed(2)} ms per token`)
      return ms
    })
    const rates = await inPairs(kinds, STREAM_ROUNDS, async (kind, round) => {
      const rate = together(
        await Promise.all(Array.from({ length: STREAMS }, (_, stream) => run(kind, maxTokens, 1000 * (round + 1) + stream))),
      )
      onRun(layoutOf(kind), `${STREAMS} streams: ${rate.toFixed(1)} tokens/s`)
      return rate
    })
    const figures: Partial<Record<Kind, LayoutFigures>> = {}
    for (const kind of kinds) {
      const bytesPerToken = isNetworkOwn ? await bytesPerTokenOf((tokens) => run(kind, tokens, 500), maxTokens) : null
      figures[kind] = { msPerToken: medianOfRuns(msPerToken[kind]), totalTokensPerSecond: medianOfRuns(rates[kind]), bytesPerToken }
    }
    const sealing =
      division === 'one'
        ? null
        : { timeRatio: medianRatio(msPerToken.sealed, msPerToken.bare), ofStreamsRatio: medianRatio(rates.bare, rates.sealed) }
    return { figures, sealing }
  } finally {
    for (const instance of Object.values(placed)) await instance.remove()
  }
}

/** Alternates the two runs and swaps their order in every other pair, so that changes of the machine's speed affect both. */
async function inPairs(
  kinds: readonly Kind[],
  pairs: number,
  measure: (kind: Kind, pair: number) => Promise<number>,
): Promise<Record<Kind, number[]>> {
  const measured: Record<Kind, number[]> = { bare: [], sealed: [] }
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const kind of pair % 2 === 0 ? kinds : kinds.toReversed()) measured[kind].push(await measure(kind, pair))
  }
  return measured
}

function medianRatio(above: readonly number[], below: readonly number[]): number {
  return medianOfRuns(above.map((value, pair) => value / (below[pair] ?? NaN)))
}

/** Bytes per token. A short run with the same prompt and the nodes' idle traffic are subtracted. */
async function bytesPerTokenOf(run: (tokens: number) => Promise<unknown>, maxTokens: number): Promise<number> {
  const bytesOf = async (tokens: number): Promise<number> => {
    const before = loopbackCounters()?.bytes ?? NaN
    const startMs = performance.now()
    await run(tokens)
    const bytes = (loopbackCounters()?.bytes ?? NaN) - before
    return bytes - (await idleBytesPerMs()) * (performance.now() - startMs)
  }
  const [long, short] = [await bytesOf(maxTokens), await bytesOf(2)]
  return (long - short) / (maxTokens - 2)
}

/** Tokens per second while all streams run: from the latest first token to the earliest last token. */
function together(answers: readonly TokenTimes[]): number {
  const startMs = Math.max(...answers.map(({ tokenMs }) => tokenMs[0] ?? NaN))
  const endMs = Math.min(...answers.map(({ tokenMs }) => tokenMs.at(-1) ?? NaN))
  const count = answers.flatMap(({ tokenMs }) => tokenMs.filter((ms) => ms > startMs && ms <= endMs)).length
  return count / ((endMs - startMs) / 1000)
}

async function idleBytesPerMs(): Promise<number> {
  const before = loopbackCounters()?.bytes ?? NaN
  await sleep(QUIET_MS)
  return ((loopbackCounters()?.bytes ?? NaN) - before) / QUIET_MS
}
