import { type Command, Option } from 'commander'
import { systemClock } from '../../platform/clock.ts'
import { LOG_LEVELS, type LogLine, MOST_LOG_LINES } from '../../shared/wire/peer/log-lines.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { listingText } from '../listings/listings.ts'
import { NodeId } from '../../shared/ids.ts'
import { type DataDirFlags, dataDirOf, dataDirOption, integer } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { everySecond } from '../text/watch-listing.ts'
import { chosenNodes, type NamedNode } from './chosen-nodes.ts'
import { LogReader, type NodeLogLine } from './read-logs.ts'

interface LogsFlags extends DataDirFlags {
  follow?: true
  node?: string
  lines: number
  level: LogLine['level']
  json?: true
}

/** `exo logs`: the logs of the nodes of the cluster. */
export function addLogsCommand(program: Command, terminal: Terminal): void {
  program
    .command('logs')
    .description("show the newest lines of the nodes' logs, in the order of time; without --node: of all nodes of the cluster")
    .option('-f, --follow', 'show new lines as they come, until Ctrl-C')
    .option('--node <name>', 'only this machine, by name or id')
    .addOption(
      new Option('-n, --lines <count>', 'number of lines to begin with').argParser(integer('--lines', 1, MOST_LOG_LINES)).default(100),
    )
    .addOption(new Option('--level <level>', 'leave out lines below this level').choices(LOG_LEVELS).default('trace'))
    .option('--json', 'print each line as a JSON object')
    .addOption(dataDirOption())
    .action(async (flags: LogsFlags) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const nodes = async (): Promise<NamedNode[]> =>
        chosenNodes(await client.get('/state'), flags.node === undefined ? null : [flags.node])
      const reader = new LogReader(client, flags.level)
      const show = async (lastLines: number | null): Promise<void> => {
        const chosen = await nodes()
        const { lines, notices } = await reader.read(chosen, flags.lines)
        const width = Math.max(...chosen.map(({ name }) => name.length))
        for (const { name, message } of notices) terminal.error(`${name}: ${message}`)
        for (const line of lastLines === null ? lines : lines.slice(-lastLines))
          terminal.line(
            flags.json
              ? listingText('logs', { ...line, nodeId: NodeId.parse(line.nodeId) }, 0)
              : formatNodeLine(line, chosen.length > 1 ? width : 0),
          )
      }
      await show(flags.lines)
      if (flags.follow) await everySecond(terminal, systemClock, () => show(null))
    })
}

function formatNodeLine({ time, name, level, text }: NodeLogLine, nameWidth: number): string {
  return `${time.slice(11, 19)} ${nameWidth === 0 ? '' : `${name.padEnd(nameWidth)} `}${level.toUpperCase().padEnd(5)} ${text}`
}
