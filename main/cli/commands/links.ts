import type { Command } from 'commander'
import { z } from 'zod'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { ClusterView, LinkView } from '../../shared/cluster-view.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { listingText } from '../listings/listings.ts'
import { showListing } from '../listings/show-listing.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

const Measured = z.object({ links: z.array(LinkView) })

/** `exo links`: the paths between the nodes of the cluster that this machine's node is in. */
export function addLinksCommand(program: Command, terminal: Terminal): void {
  program
    .command('links')
    .description('show the paths between the nodes: address or RDMA device, encryption, round trip and, once measured, throughput')
    .option('--measure', 'first measure the throughput of the TCP paths, up to a second each')
    .option('--json', 'print JSON')
    .option('--watch', 'list them again every second, until Ctrl-C; measured once')
    .addOption(dataDirOption())
    .action(async (flags: { measure?: true; json?: true; watch?: true; dataDir?: string }) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const measured = flags.measure ? parseSaid(Measured, await client.post('/links/measure', {})).links : null
      const read = async (): Promise<ListedLinks> => {
        const view = parseSaid(ClusterView, await client.get('/state'))
        const links = measured ? [...view.links.filter(({ kind }) => kind === 'rdma'), ...measured] : view.links
        return { view, links, narrowPaths: view.narrowPaths ?? [] }
      }
      await showListing(terminal, flags, read, formatLinks, ({ links, narrowPaths }, indent) =>
        listingText('links', { links, narrowPaths }, indent),
      )
    })
}

interface ListedLinks {
  readonly view: ClusterView
  readonly links: readonly LinkView[]
  readonly narrowPaths: NonNullable<ClusterView['narrowPaths']>
}

function formatLinks({ view, links, narrowPaths }: ListedLinks): string {
  if (links.length + narrowPaths.length === 0)
    return 'This node has no links: it is alone in its cluster. To see the nodes nearby, run exo --list-peers.'
  const nameOf = (nodeId: LinkView['from']): string => view.nodes[nodeId]?.name ?? nodeId.slice(0, 12)
  const rows = links.map(({ from, to, kind, address, device, medium, sealed, roundTripMs, throughputBytesPerSecond }) => [
    nameOf(from),
    nameOf(to),
    kind === 'tcp' && medium !== undefined && medium !== 'unknown' ? `tcp, ${medium}` : kind,
    address ?? device ?? '',
    sealed === undefined ? 'by its cable' : sealed ? 'yes' : 'no',
    roundTripMs === null ? '' : `${roundTripMs.toFixed(2)} ms`,
    throughputBytesPerSecond === undefined ? '' : `${formatBytes(throughputBytesPerSecond)}/s`,
  ])
  const narrow = narrowPaths.map(({ from, to, address }) => [
    nameOf(from),
    nameOf(to),
    'tcp',
    address,
    'not used: loses large packets (see exo doctor)',
  ])
  return formatTable([['FROM', 'TO', 'KIND', 'AT', 'SEALED', 'ROUND TRIP', 'THROUGHPUT'], ...rows, ...narrow])
}
