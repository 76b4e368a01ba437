import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../project-paths.mjs'

/** @param {...string} path - to a script inside node_modules */
export const packageScript = (...path) => join(projectDir, 'node_modules', ...path)

const lint = [packageScript('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.']
const eslintCache = ['--cache', '--cache-location', join(projectDir, 'build', 'lint') + '/']

/** Every tsconfig except the base that they extend. */
const typeConfigs = () => readdirSync(projectDir).filter((name) => /^tsconfig\.(?!base)\w+\.json$/.test(name))

/**
 * The gates that every change must pass before its tests run. Each command is one check, given as arguments of Node.
 *
 * @typedef {{ title: string, commands: () => string[][], quickCommands?: () => string[][] }} Gate - `quickCommands`: a faster form
 *   for `npm run check`, with a cache that may miss a rare change across files
 * @type {Readonly<Record<'types' | 'format' | 'lint' | 'dead', Gate>>}
 */
export const gates = {
  types: {
    title: 'types: one check per tsconfig',
    commands: () => typeConfigs().map((config) => [packageScript('typescript-7', 'bin', 'tsc'), '-p', config]),
  },
  format: {
    title: 'format of TypeScript and C++',
    commands: () => [[join(projectDir, 'setup', 'format.mjs'), '--check']],
  },
  lint: {
    title: 'lint',
    commands: () => [lint],
    quickCommands: () => [[...lint, ...eslintCache]],
  },
  dead: {
    title: 'unused files, exports and dependencies',
    commands: () => [[packageScript('knip', 'bin', 'knip.js'), '--no-progress']],
  },
}
