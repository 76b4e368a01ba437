// Appends a number of rows at a fixed rate, as a node does, and then reports the processor time used, including that of DuckDB.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestHistory, testEntry } from './open-test-history.ts'

const TURN_MS = 20
const [dir = '', rows = '', rowsPerSecond = ''] = process.argv.slice(2)

/** Processor time of this process and of its children that have ended, which Linux counts in hundredths of a second. */
function processorSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}

const history = await openTestHistory(dir)
const before = processorSeconds()
process.stdout.write('begun\n')
const perTurn = (Number(rowsPerSecond) * TURN_MS) / 1000
for (let row = 0, due = 0; row < Number(rows); ) {
  for (due += perTurn; row < Number(rows) && row < due; row++) history.append(testEntry({ requestId: `row-${row}` }))
  await sleep(TURN_MS)
}
await history.stop()
process.stdout.write(`${JSON.stringify({ processorSeconds: processorSeconds() - before })}\n`)
