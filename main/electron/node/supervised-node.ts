import { type MessagePortMain, type UtilityProcess } from 'electron'
import type { NodeOptions } from '../../node/config/node-config.ts'
import { NodeConfig } from '../../node/config/node-config.ts'
import type { NodeFile } from '../../node/files/node-file.ts'
import { nextPort } from '../../domain/desktop/next-port.ts'
import { type DeathTimes, nextRestart, nodeRestartLimits } from '../../domain/desktop/next-restart.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { RESTARTED_VARIABLE } from '../../platform/processes/start-cause.ts'
import { errorCode, errorMessage } from '../../shared/app-error.ts'
import type { NodeStatus } from '../../shared/wire/shell/shell.ts'
import { followOtherNode } from './follow-other-node.ts'
import { forkUtilityProcess } from './fork-utility-process.ts'
import { createNodeChildren, type NodeChildren } from './node-children.ts'
import { type NodeCommand, type NodePaths, NodeProcessReport } from './node-message.ts'
import { toProcessExit } from './to-process-exit.ts'

const STOP_LIMIT_MS = 15_000

export interface SupervisedNodeOptions {
  /** The bundle of `main/electron/node/main.ts`. */
  readonly entry: string
  readonly paths: NodePaths
  readonly config: NodeOptions
}

export interface SupervisedNodeDependencies {
  readonly clock: Clock
  readonly log: Log
  /** @param apiToken - the token that the API of a running node requires */
  readonly onStatus: (status: NodeStatus, apiToken?: string | null) => void
  /** Log output of the node: complete or partial lines. */
  readonly onOutput: (text: string) => void
  readonly onProgress: (progress: { readonly label: string; readonly doneRatio: number }) => void
}

/**
 * The node of this machine in a separate process, restarted when it dies. While another program's node runs on the same
 * data folder, that node is left running and is followed instead; when it ends, an own node takes over.
 */
export class SupervisedNode {
  readonly #options: SupervisedNodeOptions
  readonly #dependencies: SupervisedNodeDependencies
  #process: UtilityProcess | null = null
  #exited: Promise<void> = Promise.resolve()
  #deaths: DeathTimes = []
  #waiting = new AbortController()
  /** The reason given by the node why it cannot run. */
  #failure: { readonly code: string; readonly message: string; readonly takenPort: number | null } | null = null
  /** Kept when the node is restarted, so that pages and clients find it at the same address. */
  #port: NodeOptions['port']
  #firstTakenPort: number | null = null
  #isStopping = false

  constructor(options: SupervisedNodeOptions, dependencies: SupervisedNodeDependencies) {
    this.#options = options
    this.#dependencies = dependencies
    this.#port = options.config.port
  }

  start(): void {
    this.#waiting.abort()
    if (this.#process || this.#isStopping) return
    const { onOutput, onStatus } = this.#dependencies
    this.#failure = null
    onStatus({ kind: 'starting' })
    const child = forkUtilityProcess({
      entry: this.#options.entry,
      arguments: [],
      environment: this.#deaths.length > 0 ? { [RESTARTED_VARIABLE]: '1' } : {},
      serviceName: 'exo node',
      loadsLibraries: false,
    })
    this.#process = child
    const tell = (command: NodeCommand, ports: MessagePortMain[] = []): void => {
      if (this.#process === child) child.postMessage(command, ports)
    }
    const children = createNodeChildren(tell)
    child.on('message', (message: unknown) => this.#receive(NodeProcessReport.parse(message), child, children))
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput)
    this.#exited = new Promise((resolve) => {
      child.once('exit', (exitCode) => {
        children.killAll()
        this.#process = null
        resolve()
        this.#onExit(exitCode)
      })
    })
    tell({
      type: 'start-node',
      config: NodeConfig.parse({ ...this.#options.config, ...(this.#port === undefined ? {} : { port: this.#port }) }),
      paths: this.#options.paths,
    })
  }

  /** Restarts the node, even after too many failures. */
  async restart(): Promise<void> {
    this.#deaths = []
    await this.#end()
    this.#port = this.#options.config.port
    this.#firstTakenPort = null
    this.start()
  }

  /** Resolves when its process is gone and the processes that it requested are ending. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#waiting.abort()
    await this.#end()
  }

  async #end(): Promise<void> {
    const child = this.#process
    if (!child) return
    const wasStopping = this.#isStopping
    this.#isStopping = true
    child.postMessage({ type: 'stop-node' } satisfies NodeCommand)
    const limit = new AbortController()
    const late = this.#dependencies.clock.sleep(STOP_LIMIT_MS, limit.signal).then(
      () => {
        this.#dependencies.log.warn('the node does not stop, killing it')
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
      },
      () => undefined,
    )
    await this.#exited
    limit.abort()
    await late
    this.#isStopping = wasStopping
  }

  #receive(report: NodeProcessReport, child: UtilityProcess, children: NodeChildren): void {
    const { log, onStatus, onProgress } = this.#dependencies
    switch (report.type) {
      case 'node-started':
        log.info('node started', { nodeId: report.nodeId, apiUrl: report.apiUrl })
        this.#port = Number(new URL(report.apiUrl).port)
        onStatus({ kind: 'running', apiUrl: report.apiUrl, processId: child.pid ?? 0, isOurs: true }, this.#options.config.apiToken)
        return
      case 'node-progress':
        onProgress({ label: report.label, doneRatio: report.totalBytes === 0 ? 0 : Math.min(1, report.doneBytes / report.totalBytes) })
        return
      case 'node-failed':
        log.error('node failed', { code: report.code, reason: report.message })
        this.#failure = report
        child.postMessage({ type: 'stop-node' } satisfies NodeCommand)
        return
      case 'spawn-process':
        children.spawn(report)
        return
      case 'kill-process':
        children.kill(report.spawnId)
    }
  }

  #onExit(exitCode: number): void {
    const { clock, log, onStatus } = this.#dependencies
    if (this.#isStopping) return onStatus({ kind: 'stopped' })
    const takenPort = this.#failure?.takenPort
    if (takenPort) {
      this.#firstTakenPort ??= takenPort
      this.#port = nextPort(takenPort, this.#firstTakenPort)
      log.warn('another program uses the port', { takenPort, next: this.#port })
      return this.start()
    }
    if (this.#failure?.code === 'already-running') return this.#attach()
    if (this.#failure) return onStatus({ kind: 'failed', code: this.#failure.code, message: this.#failure.message })
    const exit = toProcessExit(exitCode)
    const reason = exit.signal ?? `exit status ${exit.exitCode}`
    const { deaths, delayMs } = nextRestart(this.#deaths, clock.now(), nodeRestartLimits)
    this.#deaths = deaths
    log.error('the node died', { reason, delayMs })
    if (delayMs === null)
      return onStatus({
        kind: 'failed',
        code: 'node-died',
        message: `exo stopped ${deaths.length} times in a row (${reason}). Restart it, or check its log.`,
      })
    onStatus({ kind: 'restarting', reason, delayMs })
    this.#waiting = new AbortController()
    clock.sleep(delayMs, this.#waiting.signal).then(
      () => this.start(),
      () => undefined,
    )
  }

  #attach(): void {
    const { clock, log, onStatus } = this.#dependencies
    const { signal } = (this.#waiting = new AbortController())
    const onNode = ({ apiUrl, processId, apiToken }: NodeFile): void => {
      log.info('a node that was started elsewhere uses the data folder', { apiUrl, processId })
      onStatus({ kind: 'running', apiUrl, processId, isOurs: false }, apiToken)
    }
    followOtherNode({ dataDir: this.#options.config.dataDir, clock, onNode }, signal).then(
      () => this.start(),
      (error: unknown) => {
        if (!signal.aborted) onStatus({ kind: 'failed', code: errorCode(error), message: errorMessage(error) })
      },
    )
  }
}
