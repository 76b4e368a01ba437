// `npm run tidy [-- FILE ...]`: runs clang-tidy on the engine and the binding, or on the given files.
// The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { projectDir } from '../project-paths.mjs'
import { pythonEnvironment } from '../tools/python-environment.mjs'
import { inParallel } from './in-parallel.mjs'
import { runQuietly } from './run-quietly.mjs'

await bringUp({ isQuick: false })
const clangTidy = join(await pythonEnvironment('clang-tidy'), '..', 'clang-tidy')
const buildDir = join(projectDir, 'build', 'native')
// The engine is built already: this only writes down how each file is compiled.
const configured = spawnSync('cmake', ['-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', buildDir], { encoding: 'utf8' })
if (configured.status !== 0) throw new Error(`CMake cannot write the compile commands: ${configured.stderr}`)

/** @type {{ file: string }[]} */
const compiled = JSON.parse(readFileSync(join(buildDir, 'compile_commands.json'), 'utf8'))
const chosen = process.argv.slice(2).map((file) => join(projectDir, file))
const files = [...new Set(compiled.map(({ file }) => file))].filter((file) => chosen.length === 0 || chosen.includes(file))
const counts = { passed: 0, failed: 0 }

await inParallel(files, async (file) => {
  const { isRight, output } = await runQuietly(clangTidy, ['-p', buildDir, '--quiet', file], { keepsErrors: false })
  counts[isRight ? 'passed' : 'failed'] += 1
  process.stdout.write(`${isRight ? 'ok    ' : 'FAILED'} ${relative(projectDir, file)}\n${isRight ? '' : output}`)
})
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
