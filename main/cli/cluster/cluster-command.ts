import type { Command } from 'commander'
import { systemRandom } from '../../platform/random.ts'
import { randomHex } from '../../platform/random-hex.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { dataDirOf, type DataDirFlags, dataDirOption } from '../node-options.ts'
import { listingText } from '../listings/listings.ts'
import { showListing } from '../listings/show-listing.ts'
import type { Terminal } from '../terminal.ts'
import { watchInTerminal } from '../text/watch-listing.ts'
import { formatTop } from './format-top.ts'

/** `exo cluster`: its machines and models, and keys for it. */
export function addClusterCommand(program: Command, terminal: Terminal): void {
  const cluster = program.command('cluster').description('show the machines and models of the cluster, and make keys for it')
  const read = async (flags: DataDirFlags): Promise<ClusterView> =>
    parseSaid(ClusterView, await (await clientOfRunningNode(dataDirOf(program, flags))).get('/state'))
  const watch = (flags: DataDirFlags): Promise<void> => watchInTerminal(terminal, async () => formatTop(await read(flags)))

  cluster
    .command('status')
    .description('show the machines, their memory, the models, and how fast they answer')
    .option('--json', 'print JSON: the answer of GET /state')
    .option('--watch', 'show it again every second, until Ctrl-C')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { json?: true; watch?: true }) => {
      await showListing(
        terminal,
        flags,
        () => read(flags),
        formatTop,
        (view, indent) => listingText('cluster status', view, indent),
      )
    })

  cluster
    .command('top')
    .description('the same as exo cluster status --watch')
    .addOption(dataDirOption())
    .action((flags: DataDirFlags) => watch(flags))

  cluster
    .command('new-key')
    .description('print a random 256-bit key for --cluster-key-file or EXO_CLUSTER_KEY')
    .action(() => terminal.line(randomHex(systemRandom, 32)))
}
