import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { type Advice, advise } from '../../domain/speed/advise.ts'
import { Desk, deskTopology } from '../../domain/speed/desk.ts'
import { parseWish } from '../../domain/speed/parse-wish.ts'
import { type Plan, planFromTopology } from '../../domain/speed/plan/plan-from-topology.ts'
import { LIST_PRICES, Prices } from '../../domain/speed/prices.ts'
import { quantizationsOf } from '../../domain/speed/quantizations-of.ts'
import { readModelCard } from '../../models/catalogue/read-model-cards.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { OptimizeGoal } from '../../shared/placement.ts'
import { dataDirOf, dataDirOption, integer, ratio } from '../node-options.ts'
import { openStore, readCatalogue } from '../open-store.ts'
import { describeRange, describeSpeed } from './describe-speed.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { folderOrName } from '../text/folder-or-name.ts'

interface PlanFlags {
  model?: string
  topology?: string
  have?: string
  want?: string
  budget?: number
  prices?: string
  printPrices?: true
  strategy?: 'pipeline' | 'tensor'
  backend?: 'jaccl' | 'ring'
  optimize: OptimizeGoal
  minNodes: number
  context: number
  headroom: number
  json?: true
  dataDir?: string
}

/** `exo plan`: how a model would be split across the machines of a file, how fast it would be, and what to change. */
export function addPlanCommand(program: Command, terminal: Terminal): void {
  program
    .command('plan')
    .description('show how exo would split a model over the machines of a file, and how fast it would answer')
    .option('--model <model>', 'id, alias, folder, or model card file')
    .option('--topology <file>', 'JSON: {nodes: {id: {totalBytes, availableBytes, chip}}, links: [{from, to, kind, address|device}]}')
    .option(
      '--have <file>',
      'JSON: {machines: {name: {chip, memoryGigabytes}}, network: ethernet|wifi, cables: [{between: [a, b], kind: rdma|thunderbolt}]}',
    )
    .option('--want <speed>', 'such as "20 tok/s at 64k": say what to change')
    .addOption(new Option('--budget <amount>', 'with --want: what the changes may cost').argParser(integer('--budget', 0, 1e9)))
    .option('--prices <file>', 'with --want: what can be bought; --print-prices writes the built-in table')
    .option('--print-prices', 'print the price table as JSON')
    .addOption(new Option('--strategy <strategy>', 'how the model is split').choices(['pipeline', 'tensor']))
    .addOption(new Option('--backend <backend>', 'how shards communicate').choices(['jaccl', 'ring']))
    .addOption(
      new Option('--optimize <goal>', 'one fast answer, many at once, or the fewest nodes').choices(OptimizeGoal.options).default('memory'),
    )
    .addOption(
      new Option('--min-nodes <count>', 'spread it over at least this many nodes').argParser(integer('--min-nodes', 1, 1024)).default(1),
    )
    .addOption(new Option('--context <tokens>', 'longest sequence').argParser(integer('--context', 1, 10_000_000)).default(8192))
    .addOption(
      new Option('--headroom <ratio>', "fraction of a node's free memory to keep free").argParser(ratio('--headroom', 0, 0.9)).default(0.1),
    )
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: PlanFlags) => {
      if (flags.printPrices) {
        terminal.line(JSON.stringify(LIST_PRICES, null, 2))
        return
      }
      try {
        terminal.line(await answerOf(flags, dataDirOf(program, flags)))
      } catch (error) {
        if (flags.json && error instanceof AppError)
          terminal.line(JSON.stringify({ error: { code: errorCode(error), message: error.message, details: error.details } }, null, 2))
        throw error
      }
    })
}

async function answerOf(flags: PlanFlags, dataDir: string): Promise<string> {
  if (flags.model === undefined) throw new UsageError('exo plan needs --model.')
  const file = flags.have ?? flags.topology
  if (file === undefined) throw new UsageError('exo plan needs --have or --topology, a file that lists the machines.')
  const card = await cardOf(flags.model, dataDir)
  const machines = await readJson(file)
  if (flags.want !== undefined) {
    const wish = parseWish(flags.want)
    if (!wish) throw new UsageError(`--want must be a speed such as "20 tok/s at 64k", not "${flags.want}".`)
    const prices = flags.prices === undefined ? LIST_PRICES : Prices.parse(await readJson(flags.prices))
    const advice = advise(quantizationsOf(card, (await readCatalogue(dataDir)).cards), machines, wish, prices, flags.budget ?? Infinity)
    return flags.json ? JSON.stringify({ wish, advice }, null, 2) : describeAdvice(advice, prices.currency)
  }
  const plan = planFromTopology(card, flags.have === undefined ? machines : topologyOf(machines), {
    strategy: flags.strategy ?? null,
    backend: flags.backend ?? null,
    optimize: flags.optimize,
    minNodes: flags.minNodes,
    contextTokens: flags.context,
    headroomRatio: flags.headroom,
  })
  return flags.json ? JSON.stringify(plan, null, 2) : describePlan(plan)
}

/** `--have` takes a topology too. */
function topologyOf(machines: unknown): unknown {
  return typeof machines === 'object' && machines !== null && 'nodes' in machines ? machines : deskTopology(Desk.parse(machines))
}

/** A card file, a model of the catalogue, or a model on this machine. */
async function cardOf(name: string, dataDir: string): Promise<ModelCard> {
  if (name.endsWith('.json')) return readModelCard(name)
  const lower = name.toLowerCase()
  const catalogued = (await readCatalogue(dataDir)).cards.find(
    (card) => card.modelId === name || card.aliases.some((alias) => alias.toLowerCase() === lower),
  )
  return catalogued ?? (await (await openStore(dataDir)).resolve(folderOrName(name))).card
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('topology-unreadable', `The file ${path} cannot be read: ${errorMessage(cause)}`, { path }, cause)
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('topology-invalid', `The file ${path} is not valid JSON: ${errorMessage(cause)}`, { path }, cause)
  }
}

function describePlan(plan: Plan): string {
  const rows = plan.shards.map(({ nodeId, rank, stage, layers, weightBytes, kvBytes }) => [
    nodeId,
    String(rank),
    String(stage),
    `${layers.start}-${layers.end - 1}`,
    formatBytes(weightBytes),
    formatBytes(kvBytes),
  ])
  const fallbacks = plan.fallbacks.map(({ from, to, reason }) => `${to} instead of ${from}: ${reason}`)
  return [
    `${plan.strategy} parallel, ${plan.jacclRing ? 'jaccl over a ring of cables' : plan.backend}`,
    formatTable([['NODE', 'RANK', 'STAGE', 'LAYERS', 'WEIGHTS', 'KV CACHE'], ...rows]),
    ...fallbacks,
    '',
    ...describeSpeed(plan.speed),
  ].join('\n')
}

function describeAdvice(advice: readonly Advice[], currency: string): string {
  const [now, ...others] = advice
  if (now?.reaches && now.changes.length === 0) return `Nothing has to change: ${speedOf(now)}.`
  const reaching = others.some(({ reaches }) => reaches)
  const ways = (now && now.changes.length > 0 ? advice : others).map(
    (each) => `${each.cost === 0 ? 'free' : `${each.cost} ${currency}`}: ${each.changes.join(', and ')}\n    ${speedOf(each)}`,
  )
  return [
    ...(now && now.changes.length === 0 ? [`As it is now: ${speedOf(now)}.`] : []),
    ...(ways.length === 0 ? [`Nothing within the budget ${now?.tokensPerSecond ? 'makes it faster' : 'runs this model'}.`] : []),
    ...(ways.length > 0
      ? [reaching ? 'What reaches the speed, cheapest first:' : 'Nothing within the budget reaches the speed. The fastest ways:']
      : []),
    ...ways.map((way) => `  ${way}`),
  ].join('\n')
}

function speedOf({ tokensPerSecond, placement, obstacle }: Advice): string {
  if (!tokensPerSecond || !placement) return (obstacle ?? 'the model does not fit').replace(/\.$/, '')
  const machines = placement.shards.map(({ nodeId }) => nodeId).join(', ')
  return (
    `${describeRange(tokensPerSecond)} tok/s on ` +
    `${machines}${placement.shards.length > 1 ? ` (${placement.strategy}, ${placement.backend})` : ''}`
  )
}
