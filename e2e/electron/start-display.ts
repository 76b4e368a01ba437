import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

export const screenSize = { width: 1440, height: 900 }

export interface VirtualDisplay {
  /** Value for `DISPLAY`. */
  readonly name: string
  stop(): Promise<void>
}

/** Starts a virtual display. */
export async function startDisplay(): Promise<VirtualDisplay> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${screenSize.width}x${screenSize.height}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const exited = once(server, 'exit')
  const [number] = (await Promise.race([
    once(server.stdio[3] as Readable, 'data'),
    exited.then(([status]) => {
      throw new Error(`Xvfb exited with ${String(status)}. Is it installed?`)
    }),
  ])) as [Buffer]
  return {
    name: `:${number.toString().trim()}`,
    stop: async () => {
      server.kill('SIGTERM')
      await exited
    },
  }
}
