import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { z } from 'zod'
import type { LabProcess, NetworkLab } from '../harness/network-lab.ts'

const Address = z.object({ host: z.string(), port: z.int() })
const State = z.object({
  event: z.literal('state'),
  peers: z.array(z.object({ nodeId: z.string(), address: Address, roundTripMs: z.number().nullable() })),
  refused: z.array(z.object({ nodeId: z.string(), code: z.string(), reason: z.string() })),
  discovered: z.array(
    z.object({
      nodeId: z.string(),
      clusterName: z.string(),
      needsKey: z.boolean(),
      addresses: z.array(z.object({ host: z.string(), sources: z.array(z.string()) })),
    }),
  ),
  cpuMs: z.number(),
})
const Event = z.discriminatedUnion('event', [
  z.object({ event: z.literal('listening'), nodeId: z.string(), port: z.int() }),
  z.object({ event: z.literal('up'), nodeId: z.string(), name: z.string(), host: z.string() }),
  z.object({ event: z.literal('lost'), nodeId: z.string(), code: z.string(), message: z.string() }),
  z.object({ event: z.literal('message'), nodeId: z.string(), text: z.string() }),
  State,
])

export interface LabNodeOptions {
  readonly clusterName?: string
  readonly clusterKey?: string
  readonly port?: number
  readonly peers?: readonly { readonly host: string; readonly port: number }[]
  readonly mdns?: boolean
  readonly broadcast?: boolean
  /** Nodes that share a host need separate folders. */
  readonly folder?: string
}

/** A `link-node.ts` on a host of the lab, and the events that it printed. */
export class LabNode {
  readonly process: LabProcess
  nodeId = ''
  port = 0
  /** The time at which it reported that it listens. */
  listeningMs = Number.NaN
  /** The current peers, with the time of the link. */
  readonly linked = new Map<string, number>()
  readonly lost: { readonly nodeId: string; readonly code: string; readonly message: string; readonly atMs: number }[] = []
  readonly texts: string[] = []
  state: z.infer<typeof State> | null = null
  #complaints = ''

  constructor(lab: NetworkLab, host: number, { folder = '', ...options }: LabNodeOptions = {}) {
    const nodeOptions = { dataDir: join(lab.dataDir(host), folder), ...options }
    this.process = lab.run(host, process.execPath, [join(import.meta.dirname, 'link-node.ts'), JSON.stringify(nodeOptions)])
    createInterface(this.process.stdout).on('line', (line) => this.#take(Event.parse(JSON.parse(line))))
    this.process.stderr.on('data', (text) => (this.#complaints += String(text)))
  }

  /** Its stderr. */
  complaints(): string {
    return this.#complaints
  }

  say(text: string): void {
    this.process.stdin.write(`${text}\n`)
  }

  #take(event: z.infer<typeof Event>): void {
    switch (event.event) {
      case 'listening':
        this.nodeId = event.nodeId
        this.port = event.port
        this.listeningMs = performance.now()
        return
      case 'up':
        this.linked.set(event.nodeId, performance.now())
        return
      case 'lost':
        this.linked.delete(event.nodeId)
        this.lost.push({ nodeId: event.nodeId, code: event.code, message: event.message, atMs: performance.now() })
        return
      case 'message':
        this.texts.push(event.text)
        return
      case 'state':
        this.state = event
    }
  }
}
