import { fork } from 'node:child_process'
import { AppError } from '../../shared/app-error.ts'
import { childEnvironment } from './child-environment.ts'
import type { SpawnProcess } from './spawn-process.ts'

/** Spawns with Node's own `child_process.fork`. */
export const forkProcess: SpawnProcess = ({ entry, arguments: argumentList, environment }) => {
  const child = fork(entry, argumentList, {
    env: childEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
  })
  child.stdout?.setEncoding('utf8')
  child.stderr?.setEncoding('utf8')
  return {
    processId: () => child.pid ?? null,
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new AppError('channel-closed', 'The worker process is gone.'))
        child.send(message as object, (error) => (error ? reject(error) : resolve()))
      }),
    onMessage: (listener) => void child.on('message', listener),
    onStderr: (listener) => void child.stderr?.on('data', listener),
    onStdout: (listener) => void child.stdout?.on('data', listener),
    onExit: (listener) => {
      // `close` comes after the end of stderr, which the diagnosis needs; only `error` is emitted if the start failed.
      let isReported = false
      const report = (exitCode: number | null, signal: string | null): void => {
        if (isReported) return
        isReported = true
        listener({ exitCode, signal })
      }
      child.once('close', report)
      child.on('error', () => {
        if (child.pid === undefined) report(null, null)
      })
    },
    kill: (signal) => void child.kill(signal),
  }
}
