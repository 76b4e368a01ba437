// Formats every source file, or lists the unformatted ones with --check.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectDir } from './project-paths.mjs'
import { pythonEnvironment } from './tools/python-environment.mjs'

const MOST_ROUNDS = 4

const isCheck = process.argv.includes('--check')
const biome = join(projectDir, 'node_modules', '.bin', 'biome')
const clangFormat = join(await pythonEnvironment('clang-format'), '..', 'clang-format')

/**
 * @param {string} command
 * @param {readonly string[]} commandArguments
 */
const succeeds = (command, commandArguments) => spawnSync(command, commandArguments, { cwd: projectDir, stdio: 'inherit' }).status === 0

const list = ['ls-files', '--cached', '--others', '--exclude-standard', '*.cpp', '*.h', '*.mm']
const nativeFiles = spawnSync('git', list, { cwd: projectDir, encoding: 'utf8' }).stdout.split('\n').filter(Boolean)

function formatTypeScript() {
  // Biome needs a second round when its line breaks allow it to join other lines.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (!succeeds(biome, ['format', '--write', '--log-level=error', '.'])) return false
    if (spawnSync(biome, ['format', '.'], { cwd: projectDir }).status === 0) return true
  }
  return false
}

const isTypeScriptRight = isCheck ? succeeds(biome, ['format', '.']) : formatTypeScript()
const isNativeRight = succeeds(clangFormat, [...(isCheck ? ['--dry-run', '-Werror'] : ['-i']), ...nativeFiles])
if (!isTypeScriptRight || !isNativeRight) {
  if (isCheck) process.stderr.write('exo: these files are not formatted. Run npm run format.\n')
  process.exitCode = 1
}
