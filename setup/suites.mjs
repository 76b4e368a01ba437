import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { buildEngineTests } from './build-native.mjs'
import { gates, packageScript } from './checks/gates.mjs'
import { inParallel } from './checks/in-parallel.mjs'
import { fetchElectron, hostElectronTarget, isElectronTarget } from './electron/fetch-electron.mjs'
import { node24 } from './tools/node-24.mjs'
import { withProgressLine } from './progress-line.mjs'
import { cacheDir, projectDir, setupStateDir } from './project-paths.mjs'
import { pythonEnvironment } from './tools/python-environment.mjs'

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} [skipped]
 * @property {string[]} [failures] - Tests that failed finally, one line each, if known.
 * @property {string[]} [retried] - Tests that failed at the first try, one line each, if known.
 */

/**
 * @typedef {object} Suite
 * @property {string} title
 * @property {(chosen: { isNamed: boolean }) => Promise<Counts>} run - `isNamed`: requested by name and not as part of all suites.
 */

/**
 * Runs a program that writes to this terminal.
 *
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {{ onLine?: (line: string) => void, environment?: Readonly<Record<string, string>> }} options
 * @returns {Promise<number>} its exit status; 1 if a signal ended it
 */
async function run(command, commandArguments, { onLine, environment = {} } = {}) {
  const child = spawn(command, commandArguments, {
    cwd: projectDir,
    env: { ...process.env, ...environment },
    stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'],
  })
  const stop = () => child.kill('SIGTERM')
  process.once('exit', stop)
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    process.stdout.write(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine?.(line)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      process.off('exit', stop)
      if (rest !== '') onLine?.(rest)
      resolve(status ?? 1)
    })
  })
}

/**
 * @param {readonly string[]} nodeArguments
 * @param {Readonly<Record<string, string>>} environment
 */
const runNode = (nodeArguments, environment = {}) => run(node24() ?? process.execPath, nodeArguments, { environment })

/**
 * Runs checks and counts each as one test.
 *
 * @param {readonly (readonly string[])[]} commands - arguments of Node
 */
async function checkEach(commands) {
  const counts = { passed: 0, failed: 0 }
  await inParallel(commands, async (command) => {
    counts[(await runNode(command)) === 0 ? 'passed' : 'failed'] += 1
  })
  return counts
}

/**
 * Runs a program whose last line of the form `N passed, N failed[, N skipped]` is its result.
 *
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @returns {Promise<Counts>}
 */
export async function runCounted(command, commandArguments) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const status = await run(command, commandArguments, {
    onLine: (line) => {
      const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim())
      if (match) Object.assign(counts, { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) })
    },
  })
  return status === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) }
}

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} TestResult */
/** @typedef {{ name: string, status: string, message: string, assertionResults: TestResult[] }} TestFile */

/**
 * @param {string} name
 * @param {readonly string[]} vitestArguments
 * @param {Readonly<Record<string, string>>} environment
 * @returns {Promise<{ status: number, files: TestFile[] } | null>} null: Vitest ended without a report
 */
async function vitestReport(name, vitestArguments, environment) {
  mkdirSync(setupStateDir, { recursive: true })
  const reportFile = join(setupStateDir, `vitest-${name}.json`)
  rmSync(reportFile, { force: true })
  const status = await runNode(
    [
      packageScript('vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...vitestArguments,
    ],
    environment,
  )
  return existsSync(reportFile) ? { status, files: JSON.parse(readFileSync(reportFile, 'utf8')).testResults } : null
}

/**
 * The failed tests of a file, one line each, with the first line of their message.
 *
 * @param {TestFile} file
 */
function failuresOf({ name, status, message, assertionResults }) {
  const line = (/** @type {string} */ what, /** @type {string} */ reason) =>
    `${relative(projectDir, name)}: ${what}: ${stripVTControlCharacters(reason).split('\n')[0]?.slice(0, 160) ?? ''}`
  const failed = assertionResults.filter((test) => test.status === 'failed')
  // A file that fails in a hook reports no failed test.
  if (status === 'failed' && failed.length === 0) return [line('the file itself', message)]
  return failed.map(({ fullName, failureMessages }) => line(fullName, failureMessages[0] ?? ''))
}

/** If more files than this fail, the cause is not chance and none is run again. */
const MOST_FILES_AGAIN = 4

/**
 * @param {string} name
 * @param {readonly string[]} options - Vitest's options
 * @param {{ paths?: readonly string[], environment?: Readonly<Record<string, string>>, runsFailedFilesAgain?: boolean }} which - `paths`:
 *   all by default; `runsFailedFilesAgain`: a failed file is run once more as a whole before it counts
 * @returns {Promise<Counts>}
 */
export async function runVitest(name, options, { paths = [], environment = {}, runsFailedFilesAgain = false } = {}) {
  const first = await vitestReport(name, [...options, ...paths], environment)
  if (first === null) return { passed: 0, failed: 1 }
  let { status, files } = first
  const broken = files.filter((file) => failuresOf(file).length > 0)
  const retried = runsFailedFilesAgain && broken.length <= MOST_FILES_AGAIN ? broken.flatMap(failuresOf) : []
  if (retried.length > 0) {
    process.stdout.write(`\nThese tests failed and are run again:\n${retried.join('\n')}\n`)
    const second = await vitestReport(`${name}-again`, [...options, ...broken.map((file) => relative(projectDir, file.name))], environment)
    if (second === null) return { passed: 0, failed: 1 }
    status = second.status
    files = [...files.filter((file) => !broken.includes(file)), ...second.files]
  }
  const failures = files.flatMap(failuresOf)
  if (status !== 0 && failures.length === 0) failures.push('errors outside the tests: see above')
  const statuses = files.flatMap(({ assertionResults }) => assertionResults).map((test) => test.status)
  const passed = statuses.filter((each) => each === 'passed').length
  const skipped = statuses.filter((each) => each === 'skipped' || each === 'pending').length
  return { passed, failed: failures.length, skipped, failures, retried }
}

/** These tests lose packets by chance and share the machine, so a failed test is retried once before it counts. */
const e2eOptions = ['--config', 'e2e/vitest.config.ts', '--retry=1']

/** The suffix of tests that take minutes and run only on demand. */
const longEnding = '.long.spec.ts'

/** Tests that have a longer form, enabled by `EXO_LONG_TESTS`. */
const withLongForm = ['e2e/soak.spec.ts', 'e2e/cluster/leading.spec.ts', 'e2e/network/links.spec.ts']

/** The same among the unit tests. */
const unitWithLongForm = ['native/array-batch.test.ts']

/** Folders whose tests start more than one node. */
const manyNodes = ['e2e/cluster', 'e2e/network', 'e2e/thunderbolt']

/** Tests with third-party clients. */
const withClients = 'e2e/clients'

/** Tests that need Electron. */
const withElectron = 'e2e/electron'

/** Tests that need the packaged app. */
const ofPackages = 'e2e/package'

/** Tests that need a Mac with Apple Silicon. */
const ofMacs = 'e2e/mac'

/** The machines on which the package is built and tested. */
const PACKAGED_TARGET = 'linux-x64'
const packageProgram = join(projectDir, 'setup', 'package', 'package-app.mjs')
const packagedApp = join(projectDir, 'build', 'package', 'linux-x64', 'testable', 'linux-unpacked', 'exo-app')

/** @type {Readonly<Record<string, Suite>>} */
const gateSuites = Object.fromEntries(
  Object.entries(gates).map(([name, { title, commands }]) => [name, { title, run: () => checkEach(commands()) }]),
)

/** @type {Readonly<Record<string, Suite>>} */
export const suites = {
  ...gateSuites,
  unit: {
    title: 'unit tests and layers',
    run: () => runVitest('unit', [], { runsFailedFilesAgain: true }),
  },
  fuzz: {
    title: 'fuzzers of the parsers that read untrusted input, 10 s each',
    run: () => runCounted(node24() ?? process.execPath, [join(projectDir, 'fuzz', 'main.ts'), '--seconds', '10']),
  },
  engine: {
    title: 'the C++ engine, under sanitizers',
    run: async () => runCounted(await withProgressLine('engine tests', buildEngineTests), []),
  },
  cross: {
    title: 'the engine for macOS arm64, cross-compiled and checked as macOS would load it',
    run: () => runCounted(node24() ?? process.execPath, [join(projectDir, 'setup', 'cross-darwin.mjs')]),
  },
  cuda: {
    title: "the engine linked with MLX's library for NVIDIA's GPUs; on demand, on Linux x64: npm test -- cuda",
    run: async ({ isNamed }) =>
      isNamed
        ? runCounted(node24() ?? process.execPath, [join(projectDir, 'setup', 'checks', 'link-cuda.mjs')])
        : { passed: 0, failed: 0, skipped: 1 },
  },
  parity: {
    title: 'the engine compared with mlx-lm, on tiny random models',
    run: async () => {
      const python = await pythonEnvironment()
      return runCounted(node24() ?? process.execPath, [
        join(projectDir, 'native', 'parity', 'run-parity.ts'),
        cacheDir,
        python,
        ...(process.env.EXO_PARITY === 'all' ? ['--all-ways'] : []),
      ])
    },
  },
  e2e: {
    title: 'end to end, on the real model',
    run: () =>
      runVitest(
        'e2e',
        [
          ...e2eOptions,
          ...[
            ...[...manyNodes, withClients, withElectron, ofPackages, ofMacs].map((folder) => `${folder}/**`),
            `e2e/**/*${longEnding}`,
          ].flatMap((files) => ['--exclude', files]),
        ],
        { runsFailedFilesAgain: true },
      ),
  },
  cluster: {
    title: 'several nodes on this machine',
    run: () => runVitest('cluster', e2eOptions, { paths: manyNodes, runsFailedFilesAgain: true }),
  },
  mac: {
    title: 'a Mac as its user has it, and several if EXO_MAC_CLUSTER names one of their nodes',
    run: async () => {
      if (hostElectronTarget !== 'darwin-arm64') {
        process.stdout.write('These tests need a Mac with Apple Silicon.\n')
        return { passed: 0, failed: 0, skipped: 1 }
      }
      return runVitest('mac', e2eOptions, { paths: [ofMacs] })
    },
  },
  long: {
    title: 'tests that take minutes: npm test -- long',
    run: async ({ isNamed }) => {
      const files = readdirSync(join(projectDir, 'e2e'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(longEnding))
        .map((file) => join('e2e', file))
      if (!isNamed) return { passed: 0, failed: 0, skipped: files.length }
      const environment = { EXO_LONG_TESTS: '1' }
      const [unit, whole] = [
        await runVitest('long-unit', [], { paths: unitWithLongForm, environment }),
        await runVitest('long', e2eOptions, { paths: [...files, ...withLongForm], environment, runsFailedFilesAgain: true }),
      ]
      const failures = [...(unit.failures ?? []), ...(whole.failures ?? [])]
      return { ...whole, passed: unit.passed + whole.passed, failed: unit.failed + whole.failed, failures }
    },
  },
  clients: {
    title: 'real clients that install in seconds; npm test -- clients runs all',
    run: ({ isNamed }) =>
      runVitest('clients', e2eOptions, {
        paths: [withClients],
        environment: { EXO_CLIENTS: process.env.EXO_CLIENTS ?? (isNamed ? 'all' : 'quick') },
        runsFailedFilesAgain: true,
      }),
  },
  electron: {
    title: 'the app in Electron; npm test -- electron runs it from source, the whole run only as a package',
    run: async ({ isNamed }) => {
      if (!isElectronTarget(hostElectronTarget)) {
        process.stdout.write(`No Electron is pinned for ${hostElectronTarget}: start the app with npm run app to test it by hand.\n`)
        return { passed: 0, failed: 0, skipped: 1 }
      }
      // The suite `package` runs the same files.
      if (!isNamed && hostElectronTarget === PACKAGED_TARGET) return { passed: 0, failed: 0, skipped: 1 }
      await withProgressLine('Electron', () =>
        fetchElectron(/** @type {import('./electron/fetch-electron.mjs').ElectronTarget} */ (hostElectronTarget)),
      )
      return runVitest('electron', e2eOptions, { paths: [withElectron], runsFailedFilesAgain: true })
    },
  },
  package: {
    title: 'the package of the app for this machine',
    run: async () => {
      if (hostElectronTarget !== PACKAGED_TARGET) {
        process.stdout.write(
          `On ${hostElectronTarget}, a package contains Electron's own download: build one with npm run package:mac or package:linux.\n`,
        )
        return { passed: 0, failed: 0, skipped: 1 }
      }
      if ((await runNode([packageProgram, PACKAGED_TARGET, '--testable', 'dir'])) !== 0) return { passed: 0, failed: 1 }
      return runVitest('package', e2eOptions, {
        paths: [withElectron, ofPackages],
        environment: { EXO_PACKAGED_APP: packagedApp },
        runsFailedFilesAgain: true,
      })
    },
  },
  'package-mac': {
    title: 'the package of the app for macOS, built and checked without macOS',
    run: () => runCounted(node24() ?? process.execPath, [join(projectDir, 'setup', 'package', 'inspection', 'check-mac-package.mjs')]),
  },
}

/** Suites that mostly compute, and share nothing with the others but the machine. */
export const suitesBeside = [...Object.keys(gateSuites), 'unit', 'fuzz', 'engine', 'parity']
