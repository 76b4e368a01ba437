// `npm run tidy [-- FILE ...]`: runs clang-tidy on the engine and the binding, or on the given files.
// The last line is `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { projectDir } from '../project-paths.mjs'
import { pythonEnvironment } from '../tools/python-environment.mjs'

await bringUp({ isQuick: false })
const clangTidy = join(await pythonEnvironment('clang-tidy'), '..', 'clang-tidy')
const buildDir = join(projectDir, 'build', 'native')
// The engine is built already: this only writes down how each file is compiled.
const configured = spawnSync('cmake', ['-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', buildDir], { encoding: 'utf8' })
if (configured.status !== 0) throw new Error(`CMake cannot write the compile commands: ${configured.stderr}`)

/** @type {{ file: string }[]} */
const compiled = JSON.parse(readFileSync(join(buildDir, 'compile_commands.json'), 'utf8'))
const chosen = process.argv.slice(2).map((file) => join(projectDir, file))
const waiting = [...new Set(compiled.map(({ file }) => file))].filter((file) => chosen.length === 0 || chosen.includes(file))
const counts = { passed: 0, failed: 0 }

/** @param {string} file */
const check = (file) =>
  new Promise((resolve, reject) => {
    const child = spawn(clangTidy, ['-p', buildDir, '--quiet', file], { cwd: projectDir, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (status) => resolve({ isClean: status === 0, output }))
  })

async function checkNext() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const { isClean, output } = await check(file)
    counts[isClean ? 'passed' : 'failed'] += 1
    process.stdout.write(`${isClean ? 'ok    ' : 'FAILED'} ${relative(projectDir, file)}\n${isClean ? '' : output}`)
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, checkNext))
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed === 0 ? 0 : 1
