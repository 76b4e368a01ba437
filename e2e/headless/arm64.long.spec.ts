import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../main/shared/version.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { reportFigure } from '../node/report-figure.ts'

const SCRIPT = join(import.meta.dirname, 'run-arm64.sh')
/** Each instruction takes tens of times longer than on a real machine. */
const START_LIMIT_MS = 10 * 60_000
const PROGRAM = ['/opt/exo/node', '/opt/exo/dist/exo.mjs']

function canEmulate(): boolean {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '-t', 'binfmt_misc', 'none', '/proc/sys/fs/binfmt_misc'])
    execFileSync('sh', ['-c', 'command -v qemu-aarch64-static && command -v aarch64-linux-gnu-g++'], { stdio: 'ignore' })
    return process.platform === 'linux' && process.arch === 'x64'
  } catch {
    return false
  }
}

/** Unpacks the layers of an image for arm64. */
function unpackImage(image: string, root: string): void {
  const blob = (digest: string): string => join(image, 'blobs', 'sha256', digest.replace('sha256:', ''))
  const [named] = JSON.parse(readFileSync(join(image, 'index.json'), 'utf8')).manifests
  const { manifests } = JSON.parse(readFileSync(blob(named.digest), 'utf8'))
  const ours = manifests.find(({ platform }: { platform: { architecture: string } }) => platform.architecture === 'arm64')
  for (const { digest } of JSON.parse(readFileSync(blob(ours.digest), 'utf8')).layers)
    execFileSync('tar', ['-xzf', blob(digest), '-C', root])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.skipIf(!canEmulate())('the image for arm64, cross-compiled and run under emulation', () => {
  let root: string
  let node: ChildProcess | undefined
  let output = ''
  const environment = { PATH: '/opt/exo/bin', HOME: '/data', EXO_HOME: '/data', HF_HOME: '/models', SSL_CERT_FILE: '' }
  const inRoot = (words: readonly string[]) =>
    runProgram('sh', [SCRIPT, root, ...PROGRAM, ...words], { env: environment, timeoutMs: START_LIMIT_MS })

  beforeAll(async () => {
    const packages = join(projectDir, 'setup', 'package', 'headless', 'package-headless.mjs')
    const folder = execFileSync(process.execPath, [packages, 'linux-arm64', 'oci'], { cwd: projectDir, encoding: 'utf8' })
    const made = folder.trim().split('\n').at(-1) ?? ''
    root = mkdtempSync(join(tmpdir(), 'exo-arm64-'))
    mkdirSync(join(root, 'tmp'), { recursive: true })
    unpackImage(join(made, readdirSync(made).find((name) => name.endsWith('-oci')) ?? ''), root)
  }, 3_600_000)
  afterAll(() => {
    node?.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })

  it(
    'says what it is, with its engine',
    async () => {
      const { stdout, stderr } = await inRoot(['--version', '--json'])
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toMatchObject({ version, target: 'linux-arm64', engine: expect.any(String), mlx: expect.any(String) })
      expect(JSON.parse(stdout).engine).not.toBeNull()
    },
    START_LIMIT_MS,
  )

  it(
    'starts a node that loads its model and answers',
    async () => {
      const port = await freePort()
      const start = performance.now()
      const words = [...PROGRAM, '--port', String(port), '--no-mdns', '--no-broadcast', '--data-dir', '/data']
      node = spawn('sh', [SCRIPT, root, ...words], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [node.stdout, node.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
      await expect.poll(() => output, { timeout: START_LIMIT_MS, interval: 500 }).toMatch(/^Model .* ready in/m)
      reportFigure('a node for arm64 under emulation is ready after', (performance.now() - start) / 1000, 's')
      const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'default', prompt: 'The capital of France is', max_tokens: 1, temperature: 0 }),
      })
      const { choices } = (await response.json()) as { choices: [{ text: string }] }
      expect(choices[0].text.trim()).toBe('Paris')
      reportFigure('and has answered after', (performance.now() - start) / 1000, 's')
    },
    2 * START_LIMIT_MS,
  )
})
