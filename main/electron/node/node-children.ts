import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron'
import { basename } from 'node:path'
import { forkUtilityProcess } from './fork-utility-process.ts'
import type { NodeCommand, NodeProcessReport } from './node-message.ts'

/** The processes that a node has requested. */
export interface NodeChildren {
  spawn(request: Extract<NodeProcessReport, { type: 'spawn-process' }>): void
  kill(spawnId: number): void
  /** Called when the node is gone. */
  killAll(): void
}

/** Starts processes for the node, and connects both ends directly by a channel that bypasses this process. */
export function createNodeChildren(tell: (command: NodeCommand, ports?: MessagePortMain[]) => void): NodeChildren {
  const children = new Map<number, UtilityProcess>()
  const kill = (child: UtilityProcess): void => {
    if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    else child.once('spawn', () => child.kill())
  }
  return {
    spawn({ spawnId, entry, arguments: argumentList, environment }) {
      const child = forkUtilityProcess({
        entry,
        arguments: argumentList,
        environment,
        serviceName: `exo ${basename(entry, '.mjs')}`,
        loadsLibraries: true,
      })
      children.set(spawnId, child)
      const { port1, port2 } = new MessageChannelMain()
      child.postMessage(null, [port1])
      tell({ type: 'process-connected', spawnId }, [port2])
      child.once('spawn', () => tell({ type: 'process-spawned', spawnId, processId: child.pid ?? 0 }))
      child.stdout?.on('data', (text: string) => tell({ type: 'process-output', spawnId, stream: 'stdout', text }))
      child.stderr?.on('data', (text: string) => tell({ type: 'process-output', spawnId, stream: 'stderr', text }))
      child.once('exit', (exitCode) => {
        children.delete(spawnId)
        // Its last message may still be in transit.
        setImmediate(() => tell({ type: 'process-exited', spawnId, exitCode }))
      })
    },
    kill(spawnId) {
      const child = children.get(spawnId)
      if (child) kill(child)
    },
    killAll() {
      for (const child of children.values()) kill(child)
    },
  }
}
