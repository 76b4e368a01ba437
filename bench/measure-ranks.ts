import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage } from '../main/shared/app-error.ts'
import { median } from './compare-contestants.ts'
import { measureBareGroup, type BareGroupFigures } from './measure-bare-group.ts'
import { measureRun, type TokenTimes } from './measure-run.ts'
import { NodeGroup } from './node-group.ts'
import { loopbackCounters } from './own-counters.ts'
import { randomPrompt } from './random-prompt.ts'
import { requestTokens } from './request-tokens.ts'

/** In pairs, so that the machine is the same for what is compared: what two ranks send in the clear, and encrypted. */
const LAYOUTS = { one: ['pipeline', 1, 'bare'], pipeline: ['pipeline', 2, 'bare'], sealedPipeline: ['pipeline', 2, 'sealed'], tensor: ['tensor', 2, 'bare'], sealedTensor: ['tensor', 2, 'sealed'] } as const
const POLICIES = { bare: 'never', sealed: 'always' } as const
export type RankLayout = keyof typeof LAYOUTS
const QUIET_MS = 2000
/** Enough for two ranks to be busy with two each. */
const STREAMS = 4

export interface LayoutFigures {
  readonly msPerToken: number
  /** Of four streams at once. */
  readonly totalTokensPerSecond: number
  /** With headers, less what one process takes too: the API's own stream. Null where other programs' traffic cannot be told apart. */
  readonly bytesPerToken: number | null
}

export interface RankFigures {
  /** Or why the layout cannot be. */
  readonly layouts: Readonly<Record<RankLayout, LayoutFigures | string>>
  readonly bare: BareGroupFigures
  /** Sums over all ranks that a token takes in tensor parallel: after attention and after the feed-forward of each layer. */
  readonly allSumsPerToken: number
}

export interface MeasureRanksOptions {
  readonly launcher: string
  readonly python: string
  readonly dataDir: string
  readonly modelDir: string
  readonly config: { readonly hidden_size: number; readonly num_hidden_layers: number; readonly vocab_size: number }
  readonly rounds: number
  readonly promptTokens: number
  readonly maxTokens: number
  readonly isNetworkOwn: boolean
  onRun(layout: RankLayout, figures: LayoutFigures): void
}

/** One model as one process and on two nodes of this machine, by turns, beside what MLX's own group takes for the same vector. */
export async function measureRanks(options: MeasureRanksOptions): Promise<RankFigures> {
  const { launcher, python, dataDir, config, rounds } = options
  const bare = await measureBareGroup(python, config.hidden_size)
  const runs: Record<RankLayout, LayoutFigures[]> = { one: [], pipeline: [], sealedPipeline: [], tensor: [], sealedTensor: [] }
  const groupOf = (kind: keyof typeof POLICIES): Promise<NodeGroup> => NodeGroup.start(launcher, join(dataDir, kind), 2, ['--cluster', `bench-${kind}`, '--seal-ring', POLICIES[kind]])
  const bareGroup = await groupOf('bare')
  const groups = { bare: bareGroup, sealed: await groupOf('sealed').catch(async (error: unknown) => {
    await bareGroup.stop()
    throw error
  }) }
  const refused: Partial<Record<RankLayout, string>> = {}
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const layout of Object.keys(LAYOUTS) as RankLayout[]) {
        if (refused[layout] !== undefined) continue
        try {
          const figures = await measureLayout(groups[LAYOUTS[layout][2]], layout, round, options)
          runs[layout].push(figures)
          options.onRun(layout, figures)
        } catch (error) {
          refused[layout] = errorMessage(error)
        }
      }
    }
  } finally {
    await Promise.all([groups.bare.stop(), groups.sealed.stop()])
  }
  const bytesOf = (layout: RankLayout): number => median(runs[layout].map(({ bytesPerToken }) => bytesPerToken ?? NaN))
  const middle = (layout: RankLayout): LayoutFigures | string => {
    const bytesPerToken = bytesOf(layout) - bytesOf('one')
    const middleOf = (figure: (figures: LayoutFigures) => number): number => median(runs[layout].map(figure))
    return refused[layout] ?? { msPerToken: middleOf((run) => run.msPerToken), totalTokensPerSecond: middleOf((run) => run.totalTokensPerSecond), bytesPerToken: Number.isNaN(bytesPerToken) ? null : bytesPerToken }
  }
  return { layouts: { one: middle('one'), pipeline: middle('pipeline'), sealedPipeline: middle('sealedPipeline'), tensor: middle('tensor'), sealedTensor: middle('sealedTensor') }, bare, allSumsPerToken: 2 * config.num_hidden_layers }
}

async function measureLayout(group: NodeGroup, layout: RankLayout, round: number, { modelDir, config, promptTokens, maxTokens, isNetworkOwn }: MeasureRanksOptions): Promise<LayoutFigures> {
  const [sharding, nodeCount] = LAYOUTS[layout]
  const instance = await group.place(modelDir, sharding, nodeCount)
  try {
    const run = (tokens: number, seed = round) => requestTokens(instance.apiUrl, modelDir, { promptTokenIds: randomPrompt(seed, promptTokens, config.vocab_size), maxTokens: tokens })
    await run(2)
    const msPerToken = 1000 / measureRun(await run(maxTokens)).decodeTokensPerSecond
    const seeds = Array.from({ length: STREAMS }, (_, stream) => 1000 * (round + 1) + stream)
    const totalTokensPerSecond = together(await Promise.all(seeds.map((seed) => run(maxTokens, seed))))
    if (!isNetworkOwn) return { msPerToken, totalTokensPerSecond, bytesPerToken: null }
    // A short run costs the same prompt, and beside both the nodes talk as they do when idle.
    const bytesOf = async (tokens: number): Promise<number> => {
      const before = loopbackCounters()?.bytes ?? NaN
      const startMs = performance.now()
      await run(tokens)
      const bytes = (loopbackCounters()?.bytes ?? NaN) - before
      return bytes - (await idleBytesPerMs()) * (performance.now() - startMs)
    }
    const [long, short] = [await bytesOf(maxTokens), await bytesOf(2)]
    return { msPerToken, totalTokensPerSecond, bytesPerToken: (long - short) / (maxTokens - 2) }
  } finally {
    await instance.remove()
  }
}

/** Tokens per second while all of them answer: from the last one's first token to the first one's last. */
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
