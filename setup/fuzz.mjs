// `npm run fuzz [-- --seconds N --seed N NAME ...]`: runs every fuzzer, an hour in total by default, with a new seed each time.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { bringUp } from './bring-up.mjs'
import { buildEngineTests } from './build-native.mjs'
import { node24 } from './tools/node-24.mjs'
import { projectDir } from './project-paths.mjs'

await bringUp({ isQuick: false })
const given = process.argv.slice(2)
const isAll = !given.some((argument, index) => !argument.startsWith('--') && !given[index - 1]?.startsWith('--'))
const seconds = given[given.indexOf('--seconds') + 1]
/** The engine has an additional one, for the bytes that reach a ring. */
const fuzzers = globSync('fuzz/*.fuzz.ts', { cwd: projectDir }).length + 1
const share = given.includes('--seconds') && seconds ? seconds : String(Math.ceil(3600 / fuzzers))
const seed = String(Date.now() % 2 ** 31)
const { status } = spawnSync(
  node24() ?? process.execPath,
  [join(projectDir, 'fuzz', 'main.ts'), '--seconds', share, '--seed', seed, ...given],
  { stdio: 'inherit' },
)
const engine = isAll
  ? spawnSync(await buildEngineTests(), [], { stdio: 'inherit', env: { ...process.env, EXO_FUZZ_SECONDS: share, EXO_FUZZ_SEED: seed } })
      .status
  : 0
process.stdout.write(`seed ${seed}\n`)
process.exitCode = status || (engine ?? 1)
