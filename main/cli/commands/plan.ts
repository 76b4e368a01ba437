import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { type Plan, planFromTopology } from '../../domain/placement/plan-from-topology.ts'
import { readModelCard } from '../../models/catalogue/read-model-cards.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { dataDirOf, dataDirOption, integer, ratio } from '../node-options.ts'
import { openStore, readCatalogue } from '../open-store.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'

interface PlanFlags {
  model: string
  topology: string
  strategy?: 'pipeline' | 'tensor'
  backend?: 'jaccl' | 'ring'
  minNodes: number
  context: number
  headroom: number
  json?: true
  dataDir?: string
}

/** `exo plan`: how a model would be split across the machines of a topology file. */
export function addPlanCommand(program: Command, terminal: Terminal): void {
  program
    .command('plan')
    .description('show how exo would split a model over the machines of a topology file')
    .requiredOption('--model <model>', 'id, alias, folder, or model card file')
    .requiredOption('--topology <file>', 'JSON: {nodes: {id: {totalBytes, availableBytes}}, links: [{from, to, kind, address|device}]}')
    .addOption(new Option('--strategy <strategy>', 'how the model is split').choices(['pipeline', 'tensor']))
    .addOption(new Option('--backend <backend>', 'how shards communicate').choices(['jaccl', 'ring']))
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
      try {
        const plan = planFromTopology(await cardOf(flags.model, dataDirOf(program, flags)), await readTopology(flags.topology), {
          strategy: flags.strategy ?? null,
          backend: flags.backend ?? null,
          minNodes: flags.minNodes,
          contextTokens: flags.context,
          headroomRatio: flags.headroom,
        })
        terminal.line(flags.json ? JSON.stringify(plan, null, 2) : describePlan(plan))
      } catch (error) {
        if (flags.json && error instanceof AppError)
          terminal.line(JSON.stringify({ error: { code: errorCode(error), message: error.message, details: error.details } }, null, 2))
        throw error
      }
    })
}

/** A card file, a model of the catalogue, or a model on this machine. */
async function cardOf(name: string, dataDir: string): Promise<ModelCard> {
  if (name.endsWith('.json')) return readModelCard(name)
  const lower = name.toLowerCase()
  const catalogued = (await readCatalogue()).find(
    (card) => card.modelId === name || card.aliases.some((alias) => alias.toLowerCase() === lower),
  )
  return catalogued ?? (await (await openStore(dataDir)).resolve(name)).card
}

async function readTopology(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('topology-unreadable', `The topology file ${path} cannot be read: ${errorMessage(cause)}`, { path }, cause)
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('topology-invalid', `The topology file ${path} is not valid JSON: ${errorMessage(cause)}`, { path }, cause)
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
  const transport = plan.jacclRing ? 'jaccl over a ring of cables' : plan.backend
  return [
    `${plan.strategy} parallel, ${transport}`,
    formatTable([['NODE', 'RANK', 'STAGE', 'LAYERS', 'WEIGHTS', 'KV CACHE'], ...rows]),
    ...fallbacks,
  ].join('\n')
}
