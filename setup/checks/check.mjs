// `npm run check`: runs the gates that precede the tests, in parallel. `npm test` has each gate as a suite.
import { bringUp } from '../bring-up.mjs'
import { gates, packageScript } from './gates.mjs'
import { inParallel } from './in-parallel.mjs'
import { runQuietly } from './run-quietly.mjs'
import { node24 } from '../tools/node-24.mjs'

const layers = [packageScript('vitest', 'vitest.mjs'), 'run', 'main/layers.test.ts', 'main/shared/error-codes.test.ts']

const startMs = performance.now()
const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`

await bringUp({ isQuick: true })
// Starts with the longest, so that it does not run alone at the end.
const order = /** @type {const} */ (['lint', 'types', 'dead', 'format'])
const checks = [
  ...order.flatMap((name) => (gates[name].quickCommands ?? gates[name].commands)().map((command) => ({ name, command }))),
  { name: 'layers', command: layers },
]
let failed = 0
await inParallel(
  checks,
  async ({ name, command }) => {
    const { isRight, output } = await runQuietly(node24() ?? process.execPath, command)
    if (!isRight) {
      failed += 1
      process.stdout.write(output)
    }
    process.stdout.write(`${isRight ? 'ok    ' : 'FAILED'} ${name}, after ${seconds()}\n`)
  },
  2,
)
process.stdout.write(failed === 0 ? `All checks passed (${seconds()}).\n` : `${failed} of the checks failed (${seconds()}).\n`)
process.exitCode = failed === 0 ? 0 : 1
