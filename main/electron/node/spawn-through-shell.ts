import type { MessagePortMain } from 'electron'
import { AppError } from '../../shared/app-error.ts'
import type { ProcessExit, SpawnedProcess, SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { toProcessExit } from './to-process-exit.ts'
import type { NodeCommand, NodeProcessReport } from './node-message.ts'

/** Commands about processes: all except the node's own start and stop. */
export type ProcessCommand = Extract<NodeCommand, { spawnId: number }>

export interface ShellSpawner {
  readonly spawn: SpawnProcess
  /** @param port - the port of `process-connected` */
  receive(command: ProcessCommand, port: MessagePortMain | undefined): void
}

interface Child {
  processId: number | null
  port: MessagePortMain | null
  hasExited: boolean
  readonly early: unknown[]
  readonly messageListeners: ((message: unknown) => void)[]
  readonly outputListeners: { readonly stream: 'stdout' | 'stderr'; readonly listener: (text: string) => void }[]
  readonly exitListeners: ((exit: ProcessExit) => void)[]
}

/** Spawns through the shell, because only Electron's main process can. Messages bypass the shell. */
export function createShellSpawner(
  report: (report: NodeProcessReport) => void,
  kill: (processId: number, signal: 'SIGTERM' | 'SIGKILL') => void,
): ShellSpawner {
  const children = new Map<number, Child>()
  let lastSpawnId = -1

  const spawn: SpawnProcess = ({ entry, arguments: argumentList, environment }) => {
    const spawnId = ++lastSpawnId
    const child: Child = {
      processId: null,
      port: null,
      hasExited: false,
      early: [],
      messageListeners: [],
      outputListeners: [],
      exitListeners: [],
    }
    children.set(spawnId, child)
    report({ type: 'spawn-process', spawnId, entry, arguments: [...argumentList], environment: { ...environment } })
    return face(spawnId, child)
  }
  const face = (spawnId: number, child: Child): SpawnedProcess => ({
    processId: () => child.processId,
    send: async (message) => {
      if (child.hasExited) throw new AppError('channel-closed', 'The worker process is gone.')
      if (child.port) child.port.postMessage(message)
      else child.early.push(message)
    },
    onMessage: (listener) => void child.messageListeners.push(listener),
    onStderr: (listener) => void child.outputListeners.push({ stream: 'stderr', listener }),
    onStdout: (listener) => void child.outputListeners.push({ stream: 'stdout', listener }),
    onExit: (listener) => void child.exitListeners.push(listener),
    kill: (signal) => {
      if (child.hasExited) return
      // Directly if the process id is known, because an open menu may block the shell.
      if (child.processId !== null) kill(child.processId, signal)
      else report({ type: 'kill-process', spawnId })
    },
  })
  const connect = (child: Child, port: MessagePortMain): void => {
    child.port = port
    port.on('message', ({ data }) => child.messageListeners.forEach((listener) => listener(data)))
    port.start()
    for (const message of child.early.splice(0)) port.postMessage(message)
  }
  return {
    spawn,
    receive(command, port) {
      const child = children.get(command.spawnId)
      if (!child) return
      switch (command.type) {
        case 'process-connected':
          if (port) connect(child, port)
          return
        case 'process-spawned':
          child.processId = command.processId
          return
        case 'process-output':
          for (const { stream, listener } of child.outputListeners) if (stream === command.stream) listener(command.text)
          return
        case 'process-exited':
          children.delete(command.spawnId)
          child.hasExited = true
          child.port?.close()
          for (const listener of child.exitListeners) listener(toProcessExit(command.exitCode))
      }
    },
  }
}
