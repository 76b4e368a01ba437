import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedHardwareInput } from '../../main/domain/mac/recorded-hardware.ts'
import { freePort } from '../../main/platform/network/free-ports.ts'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { get } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const POLL_MS = 50

export interface DeskOptions {
  readonly arguments?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** A folder of models that all nodes share. */
  readonly modelsDir?: string
}

/** Nodes on this machine, each with the recorded hardware of a Mac. */
export class MacDesk {
  readonly nodes: readonly RunningExo[]
  readonly #folder: string
  readonly #firstPort: number
  readonly #options: DeskOptions
  #joined: number

  private constructor(nodes: readonly RunningExo[], folder: string, firstPort: number, options: DeskOptions) {
    this.nodes = nodes
    this.#folder = folder
    this.#firstPort = firstPort
    this.#options = options
    this.#joined = nodes.length
  }

  /** Resolves when they are one cluster. */
  static async start(macs: readonly RecordedHardwareInput[], options: DeskOptions = {}): Promise<MacDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'exo-desk-'))
    await writeRecordings(folder, macs)
    const firstPort = await freePort()
    const nodes = await Promise.all(
      macs.map(async (_, index) => {
        const dataDir = await makeDataDir(folder, index, options)
        const peering = index === 0 ? ['--peer-port', String(firstPort)] : ['--peer', `127.0.0.1:${firstPort}`]
        return startExo({
          dataDir,
          arguments: ['--hardware', recordingFile(folder, index), '--no-default-model', ...peering, ...(options.arguments ?? [])],
          ...(options.env ? { env: options.env } : {}),
          ...programUnderTest(),
          awaitModel: false,
        })
      }),
    )
    const desk = new MacDesk(nodes, folder, firstPort, options)
    await desk.when(
      'one cluster, of which each node reaches all others and has told its memory',
      (view) => isWhole(view, macs.length),
      60_000,
    )
    return desk
  }

  get apiUrl(): string {
    return this.nodes[0]?.apiUrl ?? ''
  }

  /** @param number - of the Mac in the recordings, from 1 */
  dataDir(number: number): string {
    return this.nodes[number - 1]?.dataDir ?? ''
  }

  recordingFile(number: number): string {
    return recordingFile(this.#folder, number - 1)
  }

  /** Replaces the recordings. The nodes report the new hardware within seconds. */
  replug(macs: readonly RecordedHardwareInput[]): Promise<void> {
    return writeRecordings(this.#folder, macs)
  }

  /**
   * Runs one more node until it exits or has printed `until`, and then stops it.
   *
   * @returns its exit status and its whole output
   */
  async join(
    mac: RecordedHardwareInput,
    commandArguments: readonly string[],
    until?: RegExp,
  ): Promise<{ readonly status: number | null; readonly output: string }> {
    const index = this.#joined++
    await writeRecording(this.#folder, index, mac)
    const node = await startExo({
      dataDir: await makeDataDir(this.#folder, index, this.#options),
      arguments: ['--hardware', recordingFile(this.#folder, index), '--peer', `127.0.0.1:${this.#firstPort}`, ...commandArguments],
      ...programUnderTest(),
      awaitModel: false,
    })
    const isDone = async (): Promise<void> => {
      const deadlineMs = performance.now() + 60_000
      while (performance.now() < deadlineMs && !until?.test(node.output())) await sleep(POLL_MS)
    }
    await Promise.race([node.exited, isDone()])
    return { status: await node.stop(), output: node.output() }
  }

  async views(): Promise<ClusterView[]> {
    return Promise.all(this.nodes.map(async ({ apiUrl }) => (await get(apiUrl, '/state')).body as ClusterView))
  }

  /** Polls until `check` holds for every node's state. @returns the first node's state */
  async when(what: string, check: (view: ClusterView) => boolean, limitMs = 30_000): Promise<ClusterView> {
    const deadlineMs = performance.now() + limitMs
    for (;;) {
      const views = await this.views()
      const [first] = views
      if (first && views.every(check)) return first
      if (performance.now() > deadlineMs)
        throw new Error(`after ${limitMs} ms still not: ${what}\n${JSON.stringify(views, null, 1)}\n${this.output()}`)
      await sleep(POLL_MS)
    }
  }

  output(): string {
    return this.nodes.map((node, index) => `--- node ${index + 1}\n${node.output()}`).join('\n')
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function isWhole({ leader, nodes, links }: ClusterView, count: number): boolean {
  const reached = new Set(links.filter(({ kind }) => kind === 'tcp').map(({ from, to }) => `${from} ${to}`))
  const all = Object.values(nodes)
  return (
    leader !== null && all.length === count && reached.size === count * (count - 1) && all.every(({ availableBytes }) => availableBytes > 0)
  )
}

function recordingFile(folder: string, index: number): string {
  return join(folder, `mac-${index + 1}.json`)
}

async function writeRecordings(folder: string, macs: readonly RecordedHardwareInput[]): Promise<void> {
  for (const [index, mac] of macs.entries()) await writeRecording(folder, index, mac)
}

/** Written by rename, so that a node never reads half a file. */
async function writeRecording(folder: string, index: number, mac: RecordedHardwareInput): Promise<void> {
  const path = recordingFile(folder, index)
  await writeFile(`${path}.new`, JSON.stringify(mac, null, 1))
  await rename(`${path}.new`, path)
}

async function makeDataDir(folder: string, index: number, { modelsDir }: DeskOptions): Promise<string> {
  const dataDir = join(folder, `node-${index + 1}`)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (modelsDir !== undefined) await symlink(modelsDir, join(dataDir, 'models'))
  return dataDir
}

/** EXO_LAUNCHER names an installation to test instead of this checkout. */
function programUnderTest(): { launcher?: string } {
  const launcher = process.env['EXO_LAUNCHER']
  return launcher === undefined ? {} : { launcher }
}
