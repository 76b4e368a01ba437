import { createSocket } from 'node:dgram'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { readNetworkInterfaces } from '../platform/network/read-network-interfaces.ts'
import { dirname } from 'node:path'
import type { RunCommand } from '../platform/processes/run-command.ts'
import type { DiskSpace, FirewallState, MulticastTrial, PortUse } from './doctor-facts.ts'

/** System probes of the checks. Each call is short; a failed one rejects with the system's error. */
export interface SystemProbes {
  /** Null if the file does not exist. */
  fileMode(path: string): Promise<number | null>
  isWritable(directory: string): Promise<boolean>
  /** Space on the disk of the folder, or of the nearest parent folder that exists. */
  diskSpace(directory: string): Promise<DiskSpace>
  portUse(host: string, port: number): Promise<PortUse>
  /** macOS only; null elsewhere and if the system does not report it. */
  firewall(signal: AbortSignal): Promise<FirewallState | null>
  /** Sends one empty mDNS question on each network interface. */
  multicast(): Promise<MulticastTrial[]>
}

const MDNS = { address: '224.0.0.251', port: 5353 } as const
/** A header without questions: every listener ignores it. */
const EMPTY_QUESTION = Buffer.alloc(12)

export function createSystemProbes(platform: string, runCommand: RunCommand): SystemProbes {
  return {
    fileMode: async (path) => (await statOrNull(path))?.mode ?? null,
    isWritable: async (directory) =>
      access(await nearestFolder(directory), constants.W_OK).then(
        () => true,
        () => false,
      ),
    async diskSpace(directory) {
      const path = await nearestFolder(directory)
      const { bavail, blocks, bsize } = await statfs(path)
      return { path: directory, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
    portUse: tryToListen,
    async firewall(signal) {
      if (platform !== 'darwin') return null
      const result = await runCommand(
        '/usr/libexec/ApplicationFirewall/socketfilterfw',
        ['--getglobalstate', '--getblockall'],
        5_000,
        signal,
      )
      return result.kind === 'exited' ? parseFirewall(result.stdout) : null
    },
    multicast: async () => Promise.all(multicastAddresses().map(([interfaceName, address]) => sendMulticast(interfaceName, address))),
  }
}

/** Reads the output of `socketfilterfw --getglobalstate --getblockall`; null for an unknown format. */
export function parseFirewall(text: string): FirewallState | null {
  if (/block all (\w+ )*(state|set)[^\n]*enabled|firewall has block all state set to enabled|state = 2/i.test(text)) return 'blocks-all'
  if (/firewall is disabled|state = 0/i.test(text)) return 'off'
  return /firewall is enabled|state = 1/i.test(text) ? 'on' : null
}

function tryToListen(host: string, port: number): Promise<PortUse> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken')
      else if (error.code === 'EACCES') resolve('forbidden')
      else reject(error)
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')))
  })
}

function multicastAddresses(): [interfaceName: string, address: string][] {
  return Object.entries(readNetworkInterfaces()).flatMap(([name, entries = []]) => {
    const ipv4 = entries.find(({ family, internal }) => family === 'IPv4' && !internal)
    return ipv4 ? [[name, ipv4.address] as [string, string]] : []
  })
}

function sendMulticast(interfaceName: string, address: string): Promise<MulticastTrial> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    const end = (error?: Error | null): void => {
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.close()
      resolve({ interfaceName, errorCode: error ? ((error as NodeJS.ErrnoException).code ?? error.message) : null })
    }
    socket.once('error', end)
    socket.bind(0, address, () => {
      try {
        socket.setMulticastInterface(address)
        socket.setMulticastTTL(1)
        socket.send(EMPTY_QUESTION, MDNS.port, MDNS.address, end)
      } catch (error) {
        end(error as Error)
      }
    })
  })
}

async function statOrNull(path: string): Promise<{ mode: number } | null> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
}

async function nearestFolder(directory: string): Promise<string> {
  return (await statOrNull(directory)) || dirname(directory) === directory ? directory : nearestFolder(dirname(directory))
}
