import { connect } from 'node:net'

const TIMEOUT_MS = 1_000

/** Whether the local system refuses connections there. Silence is not a refusal: a busy process may be listening. */
export function refusesConnections({ hostname, port }: Pick<URL, 'hostname' | 'port'>): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 80), timeout: TIMEOUT_MS })
    const settle = (isRefused: boolean): void => {
      socket.destroy()
      resolve(isRefused)
    }
    socket.once('connect', () => settle(false))
    socket.once('timeout', () => settle(false))
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED'))
  })
}
