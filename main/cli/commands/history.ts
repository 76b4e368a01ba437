import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { findOwnNode } from '../../node/files/node-file.ts'
import { openHistory } from '../../history/open-history.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { HistoryQuery, HistoryRow, QueriedTable } from '../../shared/history.ts'
import { formatCsv } from '../text/format-csv.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { dataDirOf, dataDirOption, integer } from '../node-options.ts'
import { parseSince } from '../text/parse-since.ts'
import { installedFiles } from '../process-host.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

interface HistoryFlags {
  model?: string
  since?: number
  limit: number
  sql?: string
  json?: true
  csv?: true
  dataDir?: string
}

/** The history of a running node, or the one left behind by an earlier node. */
interface HistorySource {
  recent(query: HistoryQuery): Promise<readonly HistoryRow[]>
  sql(statement: string): Promise<QueriedTable>
}

function since(text: string): number {
  const sinceMs = parseSince(text, Date.now())
  if (sinceMs === null) throw new InvalidArgumentError('Use an age such as 30m, 2h or 7d, or a date such as 2026-01-31.')
  return sinceMs
}

/** `exo history`: the past inferences of this machine's node. */
export function addHistoryCommand(program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  program
    .command('history')
    .description("requests served by this machine's node; prompts and answers are never stored")
    .option('--model <model>', 'only this model (id or alias)')
    .addOption(new Option('--since <age>', 'only the last 30m, 2h, 7d …, or since a date').argParser(since))
    .addOption(new Option('--limit <count>', 'show only the newest <count>').argParser(integer('--limit', 1, 10_000)).default(20))
    .addOption(
      new Option('--sql <statement>', 'run a SELECT on exo_inferences and exo_inference_details (joined by id)').conflicts([
        'model',
        'since',
      ]),
    )
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .addOption(dataDirOption())
    .action(async (flags: HistoryFlags) => {
      await withHistory(dataDirOf(program, flags), terminal, spawn, async (history) => {
        if (flags.sql === undefined)
          printRecent(
            await history.recent(HistoryQuery.parse({ model: flags.model ?? null, sinceMs: flags.since ?? null, limit: flags.limit })),
            flags,
            terminal,
          )
        else printTable(await history.sql(flags.sql), flags, terminal)
      })
    })
}

async function withHistory(
  dataDir: string,
  terminal: Terminal,
  spawn: SpawnProcess,
  use: (history: HistorySource) => Promise<void>,
): Promise<void> {
  const node = await findOwnNode(dataDir)
  if (node) {
    const client = createNodeClient(node.apiUrl, node.apiToken)
    return use({
      recent: async ({ model, sinceMs, limit }) => {
        const parameters = new URLSearchParams({
          limit: String(limit),
          ...(model === null ? {} : { model }),
          ...(sinceMs === null ? {} : { since: String(Math.floor(sinceMs)) }),
        })
        return z.object({ inferences: z.array(HistoryRow) }).parse(await client.get(`/history?${parameters.toString()}`)).inferences
      },
      sql: async (sql) => parseSaid(QueriedTable, await client.post('/history/sql', { sql })),
    })
  }
  const { historyEntry: entry, ducklakeFile: extensionFile } = installedFiles()
  const log = createLog({ level: 'silent', format: 'pretty', write: () => undefined })
  const history = await openHistory(
    { dir: join(dataDir, 'history'), nodeId: 'command-line', extensionFile, entry, processId: process.pid, isGone },
    { spawn, clock: systemClock, random: systemRandom, log },
  )
  try {
    await use(history)
    const status = history.status()
    if (status.state === 'on' && status.notice !== null) terminal.error(`exo: ${status.notice}`)
  } finally {
    await history.stop()
  }
}

/** A node that starts in the meantime keeps its journal. */
function isGone(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function printRecent(rows: readonly HistoryRow[], flags: HistoryFlags, terminal: Terminal): void {
  if (flags.json) return terminal.line(listingText('history', rows))
  if (flags.csv) return terminal.line(formatCsv([Object.keys(HistoryRow.shape), ...rows.map((row) => Object.values(row))]))
  if (rows.length === 0) return terminal.line('No inferences yet.')
  const cells = rows.map((row) => [
    localTime(row.timestamp),
    row.model,
    String(row.prompt_tokens),
    String(row.completion_tokens),
    row.latency_ms.toFixed(0),
    row.ttft_ms?.toFixed(0) ?? '',
    row.decode_tokens_per_second?.toFixed(1) ?? '',
    String(row.devices),
    row.strategy === null ? '' : `${row.strategy}/${row.backend ?? ''}`,
    row.error ?? row.finish_reason ?? '',
  ])
  terminal.line(formatTable([['TIME', 'MODEL', 'PROMPT', 'ANSWER', 'MS', 'TTFT MS', 'TOKENS/S', 'DEVICES', 'HOW', 'END'], ...cells]))
}

function localTime(iso: string): string {
  const date = new Date(iso)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}

function printTable({ columns, rows, truncated }: QueriedTable, flags: HistoryFlags, terminal: Terminal): void {
  const names = columns.map(({ name }) => name)
  if (flags.json)
    terminal.line(
      listingText(
        'history --sql',
        rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', value]))),
      ),
    )
  else if (flags.csv) terminal.line(formatCsv([names, ...rows]))
  else
    terminal.line(
      formatTable([
        names,
        ...rows.map((row) =>
          row.map((value) => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value as string | number))),
        ),
      ]),
    )
  if (truncated) terminal.error(`exo: only the first ${rows.length} rows are shown; narrow the query or aggregate.`)
}
