// `npm run coverage [-- PATHS]`: runs the unit tests and prints the line coverage of each room.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { packageScript } from './gates.mjs'
import { projectDir } from '../project-paths.mjs'
import { node24 } from '../tools/node-24.mjs'

const reportDir = join(projectDir, 'build', 'coverage')

await bringUp({ isQuick: false })
const { status } = spawnSync(
  node24() ?? process.execPath,
  [
    packageScript('vitest', 'vitest.mjs'),
    'run',
    '--coverage',
    '--coverage.include={main,native,renderer}/**/*.{ts,tsx}',
    '--coverage.reporter=json-summary',
    `--coverage.reportsDirectory=${reportDir}`,
    '--coverage.reportOnFailure',
    ...process.argv.slice(2),
  ],
  { cwd: projectDir, stdio: 'inherit' },
)

/** @type {Record<string, { lines: { total: number, covered: number } }>} */
const { total, ...files } = JSON.parse(readFileSync(join(reportDir, 'coverage-summary.json'), 'utf8'))
/** @type {Map<string, { total: number, covered: number }>} */
const rooms = new Map()
for (const [file, { lines }] of Object.entries(files)) {
  const room = relative(projectDir, file).split(sep).slice(0, 2).join('/')
  const sum = rooms.get(room) ?? { total: 0, covered: 0 }
  rooms.set(room, { total: sum.total + lines.total, covered: sum.covered + lines.covered })
}
const line = (/** @type {string} */ name, /** @type {{ total: number, covered: number }} */ { total: lines, covered }) =>
  `${name.padEnd(24)} ${String(lines).padStart(7)} lines ${(lines === 0 ? 100 : (100 * covered) / lines).toFixed(1).padStart(6)} %\n`
process.stdout.write(
  `\n${[...rooms]
    .toSorted()
    .map(([room, sum]) => line(room, sum))
    .join('')}`,
)
if (total) process.stdout.write(line('all', total.lines))
process.exitCode = status ?? 1
