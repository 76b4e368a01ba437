// Measures what the engine must reach on the path that Macs run. `npm run bench -- --only goals` runs it.
// Usage: node native/parity/goals/main.ts CACHE_DIR PYTHON_WITH_MLX_LM MODEL_OF_30_LAYERS ENGINE_TESTS [RESULTS_FILE]
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { loadBinding } from '../../index.ts'
import { operationBudgets } from '../operation-budgets.ts'
import { parityModels } from '../parity-models.ts'
import { formatGoals } from './format-goals.ts'
import type { Goal, GoalRun } from './goal.ts'
import { measureHost, measureMemory, measureOperations, measureTypes, measureWindow } from './measure-goals.ts'

const RACE_TESTS = 'runs ahead'

const [cacheDir, python, modelDir, engineTests, resultsFile] = process.argv.slice(2)
if (cacheDir === undefined || python === undefined || modelDir === undefined || engineTests === undefined)
  throw new Error('usage: goals/main.ts CACHE_DIR PYTHON_WITH_MLX_LM MODEL_OF_30_LAYERS ENGINE_TESTS [RESULTS_FILE]')
const binding = loadBinding(fileURLToPath(new URL('../../../build/native/exo_engine.node', import.meta.url)))
const models = parityModels(cacheDir, python, [])
const names = Object.keys(operationBudgets)

function runRace(program: string): Goal {
  const { status, stdout } = spawnSync(program, [RACE_TESTS], { encoding: 'utf8' })
  const result = stdout.trim().split('\n').at(-1) ?? ''
  return {
    what: 'pipelines and tensor parallelism one step ahead over JACCL, 1,000 steps, mesh and ring',
    mlxLm: null,
    ours: status === 0 ? 'right' : result,
    goal: 'right',
    hasPassed: status === 0 && /^[1-9]\d* passed, 0 failed$/.test(result),
  }
}

const goals: Goal[] = []
const add = (...measured: readonly Goal[]): void => {
  goals.push(...measured)
  for (const { what, ours, hasPassed } of measured) process.stdout.write(`${hasPassed ? 'ok    ' : 'MISSED'} ${what}: ${ours}\n`)
}
add(runRace(engineTests))
add(await measureWindow(binding))
add(
  await measureTypes(
    binding,
    models,
    names.filter((name) => name.endsWith('bfloat16')),
  ),
)
add(...(await measureHost(binding, python, modelDir)))
add(...(await measureOperations(binding, python, models, names)))
add(...(await measureMemory(binding)))
const version = execFileSync(python, ['-c', 'import importlib.metadata as m; print(m.version("mlx-lm"))'], { encoding: 'utf8' }).trim()
const run: GoalRun = { machine: `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'a CPU'}`, mlxLmVersion: version, goals }
process.stdout.write(`\n${formatGoals(run)}\n\n`)
if (resultsFile !== undefined) writeFileSync(resultsFile, `${JSON.stringify(run, null, 2)}\n`)
const missed = goals.filter(({ hasPassed }) => !hasPassed).length
process.stdout.write(`${goals.length - missed} passed, ${missed} failed\n`)
process.exitCode = missed === 0 ? 0 : 1
