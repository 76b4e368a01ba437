// `npm run openapi [-- --examples N]`: schemathesis sends a node valid and invalid requests by /openapi.json and checks the
// responses against it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearTimeout } from 'node:timers'
import { parseArgs } from 'node:util'
import { bringUp } from './bring-up.mjs'
import { contentHash } from './state/content-hash.mjs'
import { withProgressLine } from './progress-line.mjs'
import { cacheDir, projectDir } from './project-paths.mjs'
import { requireTools, tools } from './tools/require-tools.mjs'
import { runLogged } from './run-logged.mjs'

const requirements = join(projectDir, 'setup', 'python', 'schemathesis.txt')
const START_LIMIT_MS = 180_000

/** @returns {Promise<string>} path of schemathesis, installed in its own environment */
async function schemathesis() {
  const folder = join(
    cacheDir,
    `schemathesis-${contentHash(['setup/python/schemathesis.txt'], undefined, [process.platform, process.arch]).slice(0, 16)}`,
  )
  const program = join(folder, 'venv', 'bin', 'schemathesis')
  const stamp = join(folder, 'complete')
  if (existsSync(stamp) && existsSync(program)) return program
  requireTools([tools.python, tools.pip])
  mkdirSync(folder, { recursive: true })
  await withProgressLine('Python packages (schemathesis)', async () => {
    rmSync(join(folder, 'venv'), { recursive: true, force: true })
    await runLogged('schemathesis-venv', 'python3', ['-m', 'venv', '--without-pip', join(folder, 'venv')])
    await runLogged('schemathesis-packages', 'python3', [
      '-m',
      'pip',
      '--python',
      join(folder, 'venv', 'bin', 'python'),
      'install',
      '--quiet',
      '--no-input',
      '--no-deps',
      '--only-binary',
      ':all:',
      '-r',
      requirements,
    ])
    writeFileSync(stamp, '')
  })
  return program
}

/**
 * Starts a node on a free port with a model of a few hundred thousand weights, which answers each request at once.
 *
 * @param {string} dataDir
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
async function startNode(dataDir) {
  const model = join(projectDir, 'e2e', 'clients', 'model', 'trained')
  const child = spawn(
    join(projectDir, 'exo'),
    ['--port', '0', '--no-mdns', '--no-broadcast', '--data-dir', dataDir, '--model', model, '--no-default-model'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  let output = ''
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The node did not start:\n${output}`)), START_LIMIT_MS)
    const read = (/** @type {string} */ text) => {
      output += text
      const api = /^API\s+(http:\/\/\S+)\/v1\s*$/m.exec(output)
      if (api && /^Model\s.+ready in/m.test(output)) {
        clearTimeout(timer)
        resolve(api[1])
      }
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    void ended.then(() => reject(new Error(`The node ended:\n${output}`)))
  }).catch(async (error) => {
    await stop()
    throw error
  })
  return { url, stop }
}

const { values } = parseArgs({ options: { examples: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } } })
await bringUp({ isQuick: false })
const program = await schemathesis()
const dataDir = mkdtempSync(join(tmpdir(), 'exo-openapi-'))
const node = await startNode(dataDir)
try {
  const { status } = spawnSync(
    program,
    [
      '--config-file',
      join(projectDir, 'e2e', 'openapi', 'schemathesis.toml'),
      'run',
      `${node.url}/openapi.json`,
      '--url',
      node.url,
      // A response of `/events` never ends, and the requests of a stateful run would change the cluster.
      '--exclude-path-regex',
      '^/events$',
      '--phases',
      'examples,coverage,fuzzing',
      '--mode',
      'all',
      '--max-examples',
      values.examples,
      '--seed',
      values.seed,
      '--request-timeout',
      '60',
      '--continue-on-failure',
      '--no-color',
    ],
    {
      cwd: dataDir,
      stdio: 'inherit',
      env: { ...process.env, SCHEMATHESIS_HOOKS: join(projectDir, 'e2e', 'openapi', 'hooks.py') },
    },
  )
  process.exitCode = status ?? 1
} finally {
  await node.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
