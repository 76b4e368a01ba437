// `npm run chaos [-- --minutes N --seed S --case NAME ...]`: injects failures of networks and machines repeatedly, for an hour by
// default. The seed, which it prints, makes the same choices of nodes, moments and durations again.
// Needs root on Linux.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bringUp } from './bring-up.mjs'
import { node24 } from './tools/node-24.mjs'
import { projectDir } from './project-paths.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, case: { type: 'string', multiple: true, default: [] } },
})
await bringUp({ isQuick: false })
const names = values.case.length > 0 ? { EXO_CHAOS_CASES: values.case.join(';') } : {}
const seed = values.seed === undefined ? {} : { EXO_CHAOS_SEED: values.seed }
const { status } = spawnSync(
  node24() ?? process.execPath,
  [
    join(projectDir, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    // Before the options: a flag takes the word after it for its value, and every suite would run.
    'e2e/cluster/chaos',
    '--config',
    'e2e/vitest.config.ts',
    '--disable-console-intercept',
  ],
  { cwd: projectDir, stdio: 'inherit', env: { ...process.env, EXO_CHAOS_MINUTES: values.minutes, ...seed, ...names } },
)
process.exitCode = status ?? 1
