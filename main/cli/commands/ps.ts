import type { Command } from 'commander'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { describeDownload } from '../text/describe-download.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { formatTable } from '../text/table.ts'
import { listingText } from '../listings/listings.ts'
import { showListing } from '../listings/show-listing.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

/** `exo ps`: the loaded models of the cluster that this machine's node is in. */
export function addPsCommand(program: Command, terminal: Terminal): void {
  program
    .command('ps')
    .description('list the loaded models, their shards and the nodes that hold them')
    .option('--json', 'print JSON')
    .option('--watch', 'list them again every second, until Ctrl-C')
    .addOption(dataDirOption())
    .action(async (flags: { json?: true; watch?: true; dataDir?: string }) => {
      const dataDir = dataDirOf(program, flags)
      const read = async (): Promise<ClusterView> => parseSaid(ClusterView, await (await clientOfRunningNode(dataDir)).get('/state'))
      await showListing(terminal, flags, read, formatPs, ({ instances }, indent) => listingText('ps', instances, indent))
    })
}

function formatPs(view: ClusterView): string {
  const instances = Object.entries(view.instances)
  const downloads = view.downloads.map(
    (download) => `${view.nodes[download.nodeId]?.name ?? download.nodeId.slice(0, 12)}: ${describeDownload(download)}`,
  )
  if (instances.length === 0) return ['No model is loaded.', ...downloads].join('\n')
  const rows = instances.flatMap(([instanceId, { modelId, strategy, backend, status, shards, decodeTokensPerSecond }]) =>
    shards.map((shard, index) => [
      ...(index === 0
        ? [instanceId, modelId, status, `${strategy}/${backend}`, decodeTokensPerSecond === null ? '' : decodeTokensPerSecond.toFixed(1)]
        : ['', '', '', '', '']),
      view.nodes[shard.nodeId]?.name ?? shard.nodeId.slice(0, 12),
      `${shard.layers.start}-${shard.layers.end - 1}`,
      shard.status,
      formatBytes(shard.residentBytes),
    ]),
  )
  const reasons = instances.flatMap(([instanceId, instance]) => (instance.reasons ?? []).map((reason) => `${instanceId}: ${reason}`))
  return [
    formatTable([['INSTANCE', 'MODEL', 'STATUS', 'HOW', 'TOKENS/S', 'NODE', 'LAYERS', 'SHARD', 'MEMORY'], ...rows]),
    ...reasons,
    ...downloads,
  ].join('\n')
}
