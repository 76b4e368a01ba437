import { MessageChannelMain } from 'electron'
import { basename } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { forkUtilityProcess } from './fork-utility-process.ts'
import { toProcessExit } from './to-process-exit.ts'

/** Spawns from Electron's main process, for the command line that runs in it. */
export const spawnUtilityProcess: SpawnProcess = ({ entry, arguments: argumentList, environment }) => {
  const child = forkUtilityProcess({
    entry,
    arguments: argumentList,
    environment,
    serviceName: `exo ${basename(entry, '.mjs')}`,
    loadsLibraries: true,
  })
  const { port1, port2 } = new MessageChannelMain()
  child.postMessage(null, [port1])
  port2.start()
  let hasExited = false
  child.once('exit', () => {
    hasExited = true
    port2.close()
  })
  return {
    processId: () => child.pid ?? null,
    send: async (message) => {
      if (hasExited) throw new AppError('channel-closed', 'The worker process is gone.')
      port2.postMessage(message)
    },
    onMessage: (listener) => void port2.on('message', ({ data }) => listener(data)),
    onStderr: (listener) => void child.stderr?.on('data', listener),
    onStdout: (listener) => void child.stdout?.on('data', listener),
    onExit: (listener) => void child.once('exit', (exitCode) => listener(toProcessExit(exitCode))),
    kill: (signal) => {
      if (child.pid !== undefined) process.kill(child.pid, signal)
      else child.once('spawn', () => child.kill())
    },
  }
}
