import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bundle, bundleEntries, bundleOutputs } from './bundle.mjs'
import { contentHash } from './state/content-hash.mjs'
import { defaultModelPath } from './fetch/fetch-default-model.mjs'
import { ducklakeFile, fetchDucklake } from './fetch/fetch-ducklake.mjs'
import { mlxFolder, otherLibrary } from './fetch/fetch-mlx.mjs'
import { installedOpenBlas } from './fetch/find-openblas.mjs'
import { node24 } from './tools/node-24.mjs'
import { arePackagesCurrent, installPackages } from './tools/npm-packages.mjs'
import { cacheDir, projectDir } from './project-paths.mjs'
import { requireTools, tools } from './tools/require-tools.mjs'
import { runLogged } from './run-logged.mjs'
import { isStamped, stampAgeMs, writeStamp } from './state/stamp.mjs'

/**
 * A step of set-up. The list below is in the order in which they run.
 *
 * @typedef {object} Step
 * @property {string} label
 * @property {boolean} isQuick - needed even by `--version` and `--help`
 * @property {() => boolean} isCurrent
 * @property {() => Promise<void>} run
 */

/**
 * What a step does and depends on.
 *
 * @typedef {object} StampedParts
 * @property {string} name
 * @property {string} label
 * @property {boolean} isQuick
 * @property {readonly string[]} outputs
 * @property {() => string} hash
 * @property {() => Promise<void>} make
 */

/**
 * Creates a step that is current as long as the hash of its inputs equals the hash of its last run.
 *
 * @param {StampedParts} parts
 * @returns {Step}
 */
function stampedStep({ name, label, isQuick, outputs, hash, make }) {
  return {
    label,
    isQuick,
    isCurrent: () => isStamped(name, hash(), outputs),
    run: async () => {
      const hashBefore = hash()
      await make()
      writeStamp(name, hashBefore)
    },
  }
}

/**
 * Runs a script of this folder and shows the user those lines of its output that start with `exo: `.
 *
 * @param {string} script - its path in this folder, without the extension
 * @param {string} node - path of the Node that runs it
 */
async function runScript(script, node = process.execPath) {
  const output = await runLogged(basename(script), node, [join(projectDir, 'setup', `${script}.mjs`)])
  for (const line of output.split('\n')) if (line.startsWith('exo: ')) process.stderr.write(`\n${line}\n`)
}

/** History is optional. If its extension cannot be downloaded, the next attempt is this much later. */
const HISTORY_RETRY_MS = 6 * 3_600_000

/** @param {string} file - in `native/` or in this folder */
const isBuildInput = (file) => /\.(cpp|h|inl|txt|cmake|mjs)$/.test(file) && !file.includes('/tests/')

const lockHash = () => contentHash(['package-lock.json'])

/** @type {readonly Step[]} */
export const steps = [
  {
    label: 'npm packages',
    isQuick: true,
    isCurrent: arePackagesCurrent,
    run: installPackages,
  },
  stampedStep({
    name: 'bundle',
    label: 'bundle',
    isQuick: true,
    outputs: bundleOutputs,
    hash: () =>
      contentHash(
        ['main', 'native', 'package.json', 'setup/bundle.mjs', 'setup/package/package-folders.mjs'],
        (file) => /\.(ts|json|mjs)$/.test(file) && !file.endsWith('.test.ts'),
        [...Object.keys(bundleEntries), lockHash()],
      ),
    make: bundle,
  }),
  stampedStep({
    name: 'build-renderer',
    label: 'dashboard',
    isQuick: false,
    outputs: ['dist/renderer/index.html', 'dist/popover/index.html', 'dist/renderer-packages.json'],
    hash: () =>
      contentHash(
        [
          'renderer',
          'main/shared',
          'setup/build-renderer.mjs',
          'setup/package/app-manifest.mjs',
          'setup/package/package-folders.mjs',
          'assets/icons/linux',
        ],
        (file) => !/\.test\.tsx?$/.test(file),
        [lockHash()],
      ),
    make: () => runScript('build-renderer', node24() ?? process.execPath),
  }),
  stampedStep({
    name: 'build-native',
    label: 'native engine',
    isQuick: false,
    outputs: ['build/native/exo_engine.node', mlxFolder()],
    hash: () =>
      contentHash(['native', 'setup/build-native.mjs', 'setup/fetch/fetch-mlx.mjs', 'setup/fetch/fetch-xgrammar.mjs'], isBuildInput, [
        cacheDir,
        process.platform,
        process.arch,
        installedOpenBlas() ?? '',
        otherLibrary() ?? '',
      ]),
    make: async () => {
      requireTools([tools.python, tools.pip, tools.compiler, tools.cmake, tools.ninja])
      await runScript('build-native')
    },
  }),
  stampedStep({
    name: 'fetch-default-model',
    label: 'default model',
    isQuick: false,
    outputs: [defaultModelPath],
    hash: () => contentHash(['setup/fetch/fetch-default-model.mjs'], undefined, [cacheDir]),
    make: async () => {
      requireTools([tools.python, tools.pip])
      await runScript('fetch/fetch-default-model')
    },
  }),
  {
    label: 'history (DuckLake)',
    isQuick: false,
    isCurrent: () => existsSync(ducklakeFile()) || stampAgeMs('ducklake-failed') < HISTORY_RETRY_MS,
    run: async () => {
      try {
        await fetchDucklake()
      } catch (error) {
        const lines = error instanceof Error ? error.message.split('\n') : [String(error)]
        const reason = lines.find((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length) ?? lines[0]
        process.stderr.write(
          '\nexo: past inferences will not be recorded: the ducklake extension could not be downloaded ' +
            `(${reason}). Everything else works.\n`,
        )
        writeStamp('ducklake-failed', '')
      }
    },
  },
]
