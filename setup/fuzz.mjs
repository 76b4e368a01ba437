// `npm run fuzz [-- --seconds N --seed N NAME ...]`: every fuzzer, an hour in all unless told otherwise, from another seed each time.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { bringUp } from './bring-up.mjs'
import { node24 } from './node-24.mjs'
import { projectDir } from './project-paths.mjs'

await bringUp({ isQuick: false })
const given = process.argv.slice(2)
const fuzzers = globSync('fuzz/*.fuzz.ts', { cwd: projectDir }).length
const seed = String(Date.now() % 2 ** 31)
const { status } = spawnSync(
  node24() ?? process.execPath,
  [join(projectDir, 'fuzz', 'main.ts'), '--seconds', String(Math.ceil(3600 / fuzzers)), '--seed', seed, ...given],
  { stdio: 'inherit' },
)
process.stdout.write(`seed ${seed}\n`)
process.exitCode = status ?? 1
