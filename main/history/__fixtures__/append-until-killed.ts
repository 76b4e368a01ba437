// Appends a row every few milliseconds and reports each on stdout, until it is killed.
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestHistory, testEntry } from './open-test-history.ts'

const [dir = '', run = ''] = process.argv.slice(2)
const history = await openTestHistory(dir, { ingestQuietMs: 50, ingestLongestMs: 300, lingerMs: 50 })
for (let row = 0; ; row++) {
  const requestId = `${run}-${row}`
  history.append(testEntry({ requestId }))
  process.stdout.write(`${requestId} ${Date.now()}\n`)
  await sleep(3)
}
