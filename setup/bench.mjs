// `npm run bench [-- --only mlx-lm|serving|ranks|idle|kv-bits|grammar|goals --peer llama-server --rounds N --prompt-tokens N --max-tokens N
// --pairs N --json FILE]`: runs set-up, finds both models and runs the measurements.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bringUp } from './bring-up.mjs'
import { buildEngineTests } from './build-native.mjs'
import { contentHash } from './state/content-hash.mjs'
import { defaultModelPath } from './fetch/fetch-default-model.mjs'
import { node24 } from './tools/node-24.mjs'
import { cacheDir, projectDir } from './project-paths.mjs'
import { pythonEnvironment } from './tools/python-environment.mjs'
import { runLogged } from './run-logged.mjs'
import { withProgressLine } from './progress-line.mjs'

const launcher = join(projectDir, 'exo')

/**
 * @param {string} python
 * @param {'llama' | 'delta-net'} kind
 */
async function tinyModel(python, kind = 'llama') {
  const script = 'bench/make_tiny_model.py'
  const hash = contentHash([script, 'native/parity/make_models.py']).slice(0, 16)
  const folder = join(cacheDir, `bench-tiny-${kind}-${hash}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  await runLogged('bench-tiny-model', python, [join(projectDir, script), unfinished, kind])
  renameSync(unfinished, folder)
  return folder
}

/** The folder of 4-bit weights that `exo models import` creates from the default model's file. */
async function smolModel() {
  const dataDir = join(cacheDir, `bench-smollm2-${contentHash(['main/models/gguf', 'main/models/store']).slice(0, 16)}`)
  const folder = join(dataDir, 'models', 'bench', 'SmolLM2-135M-Instruct-Q4')
  if (existsSync(folder)) return folder
  rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(dataDir, { recursive: true })
  await runLogged('bench-smollm2', launcher, [
    'models',
    'import',
    defaultModelPath,
    '--id',
    'bench/SmolLM2-135M-Instruct-Q4',
    '--data-dir',
    dataDir,
  ])
  return folder
}

/** On Linux, a command prefix that gives the program its own loopback, whose counters see no other traffic; empty if not permitted. */
function ownNetwork() {
  const options = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-current-user', '--keep-caps', '--net']
  const prefix = ['unshare', ...options, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
  return spawnSync('unshare', [...prefix.slice(1), 'true'], { stdio: 'ignore' }).status === 0 ? prefix : []
}

await bringUp({ isQuick: false })
const python = await pythonEnvironment()

/** Counts and times of the path that Macs run, which need the engine but no node. */
async function measureGoals() {
  const json = process.argv[process.argv.indexOf('--json') + 1]
  const program = join(projectDir, 'native', 'parity', 'goals', 'main.ts')
  const engineTests = await withProgressLine('engine tests', buildEngineTests)
  const inputs = [cacheDir, python, await tinyModel(python), engineTests]
  const results = process.argv.includes('--json') && json !== undefined ? [json] : []
  return spawnSync(node24() ?? process.execPath, [program, ...inputs, ...results], { stdio: 'inherit' }).status ?? 1
}

async function measureNodes() {
  const smol = `SmolLM2 135M, 4 bits=${await smolModel()}`
  const models = [smol, `random, 30 layers of width 128=${await tinyModel(python)}`]
  const isolation = ownNetwork()
  const program = [
    node24() ?? process.execPath,
    join(projectDir, 'bench', 'main.ts'),
    ...['--launcher', launcher, '--python', python, '--data-dir', join(projectDir, 'build', 'bench')],
    ...(isolation.length > 0 ? ['--own-network'] : []),
    ...models.flatMap((model) => ['--model', model]),
    ...['--whole-model', `random, 24 layers with delta nets=${await tinyModel(python, 'delta-net')}`],
    ...['--serve', smol, '--gguf', defaultModelPath],
    ...process.argv.slice(2),
  ]
  const [command = process.execPath, ...commandArguments] = [...isolation, ...program]
  return spawnSync(command, commandArguments, { stdio: 'inherit' }).status ?? 1
}

process.exitCode = process.argv[process.argv.indexOf('--only') + 1] === 'goals' ? await measureGoals() : await measureNodes()
