import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import type { NetworkLab } from '../../harness/network-lab.ts'
import { get } from '../../node/call-api.ts'
import { workersOf } from '../../node/processes.ts'
import { projectDir } from '../../node/run-exo.ts'
import { forwardPort } from './forward-port.ts'

const PROGRAM = join(projectDir, 'dist', 'exo.mjs')
const NODE_LINE = /\nAPI\s+http:\/\/127\.0\.0\.1:(\d+)\/v1/
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 20_000

export interface ClusterNodeOptions {
  readonly arguments?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Default: this checkout's program. */
  readonly program?: string
  /** Nodes that share a host need separate folders. */
  readonly folder?: string
  /** A folder that appears empty to this node, since all hosts share this machine's disk. */
  readonly hiddenFolder?: string
}

/** A node that runs the bundled program on a host of the lab. */
export interface ClusterNode {
  readonly host: number
  readonly nodeId: string
  readonly dataDir: string
  /** On this machine's loopback, which is forwarded to the host's. */
  readonly apiUrl: string
  readonly processId: number
  /** `performance.now()` at the start of the program, and when its API answered the first request. */
  readonly startedMs: number
  readonly listeningMs: number
  /** Its whole output so far. */
  output(): string
  state(): Promise<ClusterView>
  /** Process ids of its shard workers. */
  workers(): number[]
  /** Runs the command line on the same host with the same data folder. */
  exo(...commandArguments: string[]): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>
  /** Stops it as Ctrl-C does. @returns its exit status */
  stop(): Promise<number | null>
  /** Drops the connections to the node; its processes keep running. */
  forget(): void
}

/**
 * Starts a node and waits until its API answers. Each host gets one of this machine's processors: ranks that each used all of them
 * would mostly wait for one another.
 */
export async function startClusterNode(lab: NetworkLab, host: number, options: ClusterNodeOptions = {}): Promise<ClusterNode> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run ./exo --version once, which builds it.`)
  const dataDir = join(lab.dataDir(host), options.folder ?? 'node')
  await mkdir(dataDir, { recursive: true })
  const run = (commandArguments: readonly string[], env = options.env) => {
    const program = [
      'taskset',
      '-c',
      String(host % availableParallelism()),
      process.execPath,
      '--enable-source-maps',
      options.program ?? PROGRAM,
      ...commandArguments,
      '--data-dir',
      dataDir,
    ]
    const hidden =
      options.hiddenFolder === undefined
        ? []
        : ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none "$1" && shift && exec "$@"', 'sh', options.hiddenFolder]
    const [command = '', ...rest] = [...hidden, ...program]
    const child = lab.run(host, command, rest, env)
    const text = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part))
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, text, exited }
  }

  const startedMs = performance.now()
  const { child, text, exited } = run(['--port', '0', ...(options.arguments ?? [])])
  const output = (): string => `${text.stdout}\n${text.stderr}`
  const fail = (reason: string): Error => new Error(`exo on host ${host} ${reason}:\n${output()}`)
  while (!NODE_LINE.test(`\n${text.stdout}`)) {
    if (child.exitCode !== null) throw fail(`ended with status ${child.exitCode}`)
    if (performance.now() - startedMs > START_LIMIT_MS) throw fail('did not say where its API is')
    await sleep(10)
  }
  const listeningMs = performance.now()

  const socketPath = `${dataDir}.${child.pid}.api`
  const relay = lab.run(host, process.execPath, [
    join(import.meta.dirname, 'api-relay.ts'),
    socketPath,
    NODE_LINE.exec(`\n${text.stdout}`)?.[1] ?? '',
  ])
  await new Promise<void>((resolve, reject) => {
    relay.stdout.once('data', () => resolve())
    relay.once('exit', () => reject(fail('has no relay to its API')))
  })
  const forward = await forwardPort(socketPath)
  const apiUrl = `http://127.0.0.1:${forward.port}`
  const state = async (): Promise<ClusterView> => (await get(apiUrl, '/state')).body as ClusterView
  const processId = child.pid ?? 0
  const forget = (): void => {
    forward.close()
    relay.kill('SIGKILL')
  }
  return {
    host,
    dataDir,
    apiUrl,
    processId,
    startedMs,
    listeningMs,
    nodeId: (await get(apiUrl, '/node_id')).body.nodeId as string,
    output,
    state,
    workers: () => workersOf(processId).map((row) => row.processId),
    async exo(...commandArguments) {
      const command = run(commandArguments, {})
      command.child.stdin.end()
      return { status: await command.exited, ...command.text }
    },
    async stop() {
      child.kill('SIGINT')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      return exited.finally(() => {
        clearTimeout(timer)
        forget()
      })
    },
    forget,
  }
}
