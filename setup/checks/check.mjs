// `npm run check`: runs the gates that precede the tests, in parallel. `npm test` has each gate as a suite.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { bringUp } from '../bring-up.mjs'
import { gates, packageScript } from './gates.mjs'
import { projectDir } from '../project-paths.mjs'
import { node24 } from '../tools/node-24.mjs'

const layers = [packageScript('vitest', 'vitest.mjs'), 'run', 'main/layers.test.ts', 'main/shared/error-codes.test.ts']

/** @param {readonly string[]} nodeArguments */
const runQuietly = (nodeArguments) =>
  new Promise((resolve, reject) => {
    const child = spawn(node24() ?? process.execPath, nodeArguments, { cwd: projectDir, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (status) => resolve({ isRight: status === 0, output }))
  })

const startMs = performance.now()
const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`

await bringUp({ isQuick: true })
// Starts with the longest, so that it does not run alone at the end.
const order = /** @type {const} */ (['lint', 'types', 'dead', 'format'])
const waiting = [
  ...order.flatMap((name) => (gates[name].quickCommands ?? gates[name].commands)().map((command) => ({ name, command }))),
  { name: 'layers', command: layers },
]
let failed = 0
const checkNext = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { isRight, output } = await runQuietly(next.command)
    if (!isRight) {
      failed += 1
      process.stdout.write(output)
    }
    process.stdout.write(`${isRight ? 'ok    ' : 'FAILED'} ${next.name}, after ${seconds()}\n`)
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, checkNext))
process.stdout.write(failed === 0 ? `All checks passed (${seconds()}).\n` : `${failed} of the checks failed (${seconds()}).\n`)
process.exitCode = failed === 0 ? 0 : 1
