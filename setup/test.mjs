// `npm test [-- SUITE ...]`: runs set-up and then the suites one after another, and prints the sum of their counts. Without
// names, the suites that mostly compute run beside those that mostly wait for nodes.
import { bringUp } from './bring-up.mjs'
import { runBeside } from './run-beside.mjs'
import { SetupError } from './setup-error.mjs'
import { suites, suitesBeside } from './suites.mjs'

// Calls `exit`, whose handlers stop the running suite.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in suites))
if (unknown.length > 0) {
  process.stderr.write(`No suite is called ${unknown.join(', ')}. There are: ${Object.keys(suites).join(', ')}.\n`)
  process.exit(2)
}

const seconds = (/** @type {number} */ sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`

/** A suite without a single test counts as failed, unless it reports skipped tests because this machine cannot run it. */
async function runSuite(/** @type {import('./suites.mjs').Suite} */ suite) {
  try {
    const counts = await suite.run({ isNamed: !isWhole })
    return counts.passed + counts.failed + (counts.skipped ?? 0) === 0 ? { passed: 0, failed: 1 } : counts
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
    return { passed: 0, failed: 1 }
  }
}

const isWhole = names.length === 0
const total = { passed: 0, failed: 0, skipped: 0 }
const lines = []
/** Printed at the end, since only the end of a long log may be kept. */
const failures = []
try {
  await bringUp({ isQuick: false })
} catch (error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  lines.push('set-up failed: only the suites that do not need it can pass')
  total.failed += 1
}
const beside = isWhole ? runBeside(suitesBeside) : null
for (const [name, suite] of Object.entries(suites)) {
  if (isWhole ? suitesBeside.includes(name) : !names.includes(name)) continue
  process.stdout.write(`\n== ${name}: ${suite.title}\n`)
  const startMs = performance.now()
  const counts = await runSuite(suite)
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped ?? 0
  failures.push(...(counts.retried ?? []).map((failure) => `FAILED AT FIRST ${name}: ${failure}`))
  failures.push(...(counts.failures ?? []).map((failure) => `FAILED ${name}: ${failure}`))
  const skipped = counts.skipped ? `, ${counts.skipped} skipped` : ''
  lines.push(
    `${name.padEnd(11)} ${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(4)} ` +
      `failed  ${seconds(startMs)}${skipped}`,
  )
}
if (beside) {
  const counts = await beside
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
  lines.unshift(...counts.lines)
}
process.stdout.write(
  `\n${[...lines, ...failures].join('\n')}\n${total.passed} passed, ${total.failed} ` +
    `failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}\n`,
)
process.exitCode = total.failed === 0 ? 0 : 1
