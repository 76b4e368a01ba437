import type { MessagePortMain } from 'electron'
import { startNode } from '../../node/start-node.ts'
import type { StartedNode } from '../../node/config/node-host.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { NodeCommand, type NodePaths, type NodeProcessReport } from './node-message.ts'
import { createShellSpawner } from './spawn-through-shell.ts'

const { parentPort } = process
const report = (message: NodeProcessReport): void => parentPort.postMessage(message)
const spawner = createShellSpawner(report, (processId, signal) => void process.kill(processId, signal))
let node: Promise<StartedNode> | null = null

const fail = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  const takenPort = error instanceof AppError && error.code === 'port-in-use' ? Number(error.details['port']) : null
  report({ type: 'node-failed', code: errorCode(error), message: errorMessage(error), takenPort })
}

async function start(config: Parameters<typeof startNode>[0], paths: NodePaths): Promise<void> {
  node = startNode(config, {
    ...paths,
    spawn: spawner.spawn,
    onProgress: ({ label, doneBytes, totalBytes }) => report({ type: 'node-progress', label, doneBytes, totalBytes }),
  })
  const { nodeId, apiUrl, ready, failed } = await node
  report({ type: 'node-started', nodeId, apiUrl })
  // A model that cannot be loaded is reported in the node's own log and state.
  await Promise.race([failed, ready.catch((error: unknown) => process.stderr.write(`${errorMessage(error)}\n`)).then(() => failed)])
}

async function stop(): Promise<void> {
  const running = await node?.catch(() => null)
  await running?.stop()
  process.exit(0)
}

function receive(command: NodeCommand, port: MessagePortMain | undefined): void {
  switch (command.type) {
    case 'start-node':
      start(command.config, command.paths).catch(fail)
      return
    case 'stop-node':
      stop().catch((error: unknown) => {
        fail(error)
        process.exit(1)
      })
      return
    default:
      spawner.receive(command, port)
  }
}

parentPort.on('message', ({ data, ports }) => receive(NodeCommand.parse(data), ports[0]))
// Ctrl-C reaches the whole process group; the shell decides when its node ends.
process.on('SIGINT', () => undefined)
