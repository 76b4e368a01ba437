import { type Command, Option } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../platform/clock.ts'
import { AppError } from '../../shared/app-error.ts'
import { ClusterView, InstanceView } from '../../shared/cluster-view.ts'
import { OptimizeGoal } from '../../shared/placement.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { interruption } from '../interruption.ts'
import type { NodeClient } from '../node-client.ts'
import { dataDirOf, type DataDirFlags, dataDirOption, duration, integer } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { folderOrName } from '../text/folder-or-name.ts'

interface LoadFlags extends DataDirFlags {
  strategy?: 'pipeline' | 'tensor'
  backend?: 'jaccl' | 'ring'
  nodes?: string
  minNodes?: number
  optimize?: OptimizeGoal
  context?: number
  draft?: string
  ttl?: number
  wait: boolean
}

const POLL_MS = 300
const Placed = z.object({ instanceId: z.string() })
const Instance = InstanceView.extend({ instanceId: z.string() })

/** `exo load` and `exo unload`: models of the cluster that this machine's node is in. */
export function addLoadCommands(program: Command, terminal: Terminal): void {
  program
    .command('load')
    .argument('<model>', 'id, alias or folder', folderOrName)
    .description('load a model into the cluster; it stays loaded until exo unload, unless --ttl says how long')
    .option('--ttl <time>', 'unload it after this time without a request, such as 1h', duration)
    .addOption(new Option('--context <tokens>', 'longest sequence').argParser(integer('--context', 1, 10_000_000)))
    .addOption(new Option('--strategy <strategy>', 'how it is split').choices(['pipeline', 'tensor']))
    .addOption(new Option('--backend <backend>', 'how its parts communicate').choices(['jaccl', 'ring']))
    .option('--nodes <names>', 'only these machines, separated by commas')
    .addOption(new Option('--min-nodes <count>', 'at least this many machines').argParser(integer('--min-nodes', 1, 1024)))
    .addOption(new Option('--optimize <goal>', 'one fast answer, many at once, or the fewest nodes').choices(OptimizeGoal.options))
    .option('--draft <model>', 'a small model that proposes continuations', folderOrName)
    .option('--no-wait', 'return before it is loaded')
    .addOption(dataDirOption())
    .action(async (model: string, flags: LoadFlags) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const { instanceId } = parseSaid(
        Placed,
        await client.post('/place_instance', {
          model_id: model,
          sharding: flags.strategy ?? null,
          backend: flags.backend ?? null,
          min_nodes: flags.minNodes ?? null,
          context_tokens: flags.context ?? null,
          draft_model: flags.draft ?? null,
          nodes: flags.nodes?.split(',').map((name) => name.trim()) ?? null,
          optimize: flags.optimize ?? null,
          ttl_seconds: flags.ttl ? Math.ceil(flags.ttl / 1000) : null,
        }),
      )
      if (!flags.wait) return terminal.line(`${instanceId} loads. See exo ps.`)
      const instance = await becomesReady(client, instanceId)
      const { nodes } = parseSaid(ClusterView, await client.get('/state'))
      const names = instance.shards.map(({ nodeId }) => nodes[nodeId]?.name ?? nodeId.slice(0, 12))
      terminal.line(`${instanceId}  ${instance.modelId} is ready on ${names.join(', ')}.`)
      for (const reason of instance.reasons ?? []) terminal.line(`  ${reason}`)
    })

  program
    .command('unload')
    .argument('<model>', 'id of a model, or of an instance as in exo ps')
    .description('unload a model from the cluster')
    .addOption(dataDirOption())
    .action(async (name: string, flags: DataDirFlags) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const { instances } = parseSaid(ClusterView, await client.get('/state'))
      const lower = name.toLowerCase()
      const found = Object.entries<InstanceView>(instances).filter(
        ([instanceId, { modelId }]) =>
          instanceId === name || modelId.toLowerCase() === lower || modelId.toLowerCase().endsWith(`/${lower}`),
      )
      if (found.length === 0) throw new AppError('instance-not-found', `${name} is not loaded. To see what is: exo ps`, { name })
      for (const [instanceId, { modelId }] of found) {
        await client.delete(`/instance/${encodeURIComponent(instanceId)}`)
        terminal.line(`${instanceId}  ${modelId} is unloaded.`)
      }
    })
}

async function becomesReady(client: NodeClient, instanceId: string): Promise<z.infer<typeof Instance>> {
  const stop = new AbortController()
  void interruption().then(() => stop.abort(new Error('Interrupted; the model goes on loading. To stop it: exo unload MODEL')))
  for (;;) {
    const instance = parseSaid(Instance, await client.get(`/instance/${encodeURIComponent(instanceId)}`))
    if (instance.status === 'ready') return instance
    if (instance.status === 'failed')
      throw new AppError('instance-failed', `The model could not be loaded: ${instance.reasons?.at(-1) ?? 'no reason given'}`, {
        instanceId,
      })
    await systemClock.sleep(POLL_MS, stop.signal)
  }
}
