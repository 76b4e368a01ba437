import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { findOwnNode } from '../../node/files/node-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { createNodeClient } from '../node-client.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

const Trace = z.looseObject({
  traceEvents: z.array(z.looseObject({ name: z.string(), ph: z.string(), dur: z.number().optional() })),
  otherData: z.looseObject({ requestId: z.string(), model: z.string(), durationMs: z.number(), isCut: z.boolean() }),
})

/** `exo trace REQUEST_ID`: where the time of a recent request was spent. */
export function addTraceCommand(program: Command, terminal: Terminal): void {
  program
    .command('trace <request>')
    .description("show where the time of a request went; takes its id (exo history --json) or 'last'; the running node keeps the last 64")
    .option('--output <file>', 'write the trace for chrome://tracing or ui.perfetto.dev')
    .option('--json', 'print the trace as JSON')
    .addOption(dataDirOption())
    .action(async (request: string, flags: { output?: string; json?: true; dataDir?: string }) => {
      const dataDir = dataDirOf(program, flags)
      const node = await findOwnNode(dataDir)
      if (!node) throw new AppError('not-running', `No node is running with ${dataDir}, and traces end with the node that recorded them.`)
      const trace = parseSaid(Trace, await createNodeClient(node.apiUrl, node.apiToken).get(`/trace/${encodeURIComponent(request)}`))
      if (flags.output !== undefined) {
        await writeFile(flags.output, JSON.stringify(trace))
        terminal.line(`Open ${flags.output} with chrome://tracing or ui.perfetto.dev.`)
      } else terminal.line(flags.json ? JSON.stringify(trace) : describe(trace))
    })
}

/** The total time of each kind of span. */
function describe({ traceEvents, otherData }: z.infer<typeof Trace>): string {
  const totals = new Map<string, { count: number; ms: number; longestMs: number }>()
  for (const { name, ph, dur = 0 } of traceEvents) {
    if (ph !== 'X') continue
    const { count, ms, longestMs } = totals.get(name) ?? { count: 0, ms: 0, longestMs: 0 }
    totals.set(name, { count: count + 1, ms: ms + dur / 1000, longestMs: Math.max(longestMs, dur / 1000) })
  }
  const rows = [...totals].map(([name, { count, ms, longestMs }]) => [
    name,
    String(count),
    ms.toFixed(1),
    (ms / count).toFixed(2),
    longestMs.toFixed(1),
  ])
  return [
    `${otherData.model}  ${otherData.requestId}  ${otherData.durationMs.toFixed(1)} ` +
      `ms${otherData.isCut ? ' (only the first events are kept)' : ''}`,
    formatTable([['SPAN', 'COUNT', 'MS', 'MEAN', 'LONGEST'], ...rows]),
  ].join('\n')
}
