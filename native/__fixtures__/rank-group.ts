import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GenerationEvent, GenerationSpec } from '../../main/shared/inference/generation.ts'
import type { TokenVocabulary } from '../../main/shared/inference/grammar.ts'
import type { ParallelStrategy } from '../../main/shared/models/model-card.ts'
import { ShardSpec, type LayerRange, type RingPlace, type ShardStats } from '../../main/shared/shard.ts'
import type { BindingSteps } from '../binding.ts'
import type { OpenOptions } from '../index.ts'
import type { FromRank, ToRank } from './rank-child.ts'

const OPEN_LIMIT_MS = 30_000

interface GroupSettings {
  readonly modelDir: string
  readonly layers: number
  readonly strategy: ParallelStrategy
  readonly ranks: number
  readonly useArrays: boolean
  readonly options?: OpenOptions
  readonly spec?: Partial<ShardSpec>
  /** The ranks know each other by keys, and encrypt what they send or not; absent: MLX's own ring, as it is. */
  readonly ring?: 'sealed' | 'bare' | undefined
}

/** Layers of each rank of a pipeline, as even as can be; rank 0 has the last ones. */
function pipelineLayers(layers: number, ranks: number): LayerRange[] {
  const end = (stage: number) => Math.round((layers * (stage + 1)) / ranks)
  return Array.from({ length: ranks }, (_, rank) => ({ start: end(ranks - 2 - rank), end: end(ranks - 1 - rank) }))
}

let opening: Promise<void> = Promise.resolve()

/** An instance of several ranks on this machine, joined by MLX's TCP ring. */
export class RankGroup {
  readonly #children: readonly ChildProcess[]
  readonly #folder: string
  readonly #generations = new Map<string, (event: GenerationEvent) => void>()

  private constructor(children: readonly ChildProcess[], folder: string) {
    this.#children = children
    this.#folder = folder
    children[0]?.on('message', (message: FromRank) => {
      if (message.type === 'steps-begin') for (const child of children.slice(1)) send(child, { type: 'follow' })
      if (message.type === 'generation') this.#generations.get(message.event.generationId)?.(message.event)
    })
  }

  static open(settings: GroupSettings): Promise<RankGroup> {
    // One at a time: ports that were found free are free until they are listened on.
    const opened = opening.then(() => RankGroup.#open(settings))
    opening = opened.then(
      () => undefined,
      () => undefined,
    )
    return opened
  }

  static async #open({ modelDir, layers, strategy, ranks, useArrays, options, spec, ring }: GroupSettings): Promise<RankGroup> {
    const folder = mkdtempSync(join(tmpdir(), 'exo-ranks-'))
    const ports = await freePorts(3 * ranks)
    const [linkPorts, loopbackPorts] = [ports.slice(0, ranks), ports.slice(ranks)]
    const placeOf = (rank: number): RingPlace => {
      const path = (to: number) => ({
        address: '127.0.0.1',
        port: linkPorts[to]!,
        key: to.toString(16).padStart(64, '5'),
        seal: ring === 'sealed',
      })
      return {
        listenPort: loopbackPorts[2 * rank]!,
        dialPort: loopbackPorts[2 * rank + 1]!,
        before: path(rank),
        after: path((rank + 1) % ranks),
      }
    }
    const hostfileOf = (rank: number): string => {
      const place = placeOf(rank)
      const ports = ring === undefined ? linkPorts : linkPorts.map((_, other) => (other === rank ? place.listenPort : place.dialPort))
      const path = join(folder, `hosts-${rank}.json`)
      writeFileSync(path, JSON.stringify(ports.map((port) => [`127.0.0.1:${port}`])))
      return path
    }
    const ranges =
      strategy === 'pipeline' ? pipelineLayers(layers, ranks) : Array.from({ length: ranks }, () => ({ start: 0, end: layers }))
    const children = ranges.map((range, rank) => {
      const child = fork(new URL('rank-child.ts', import.meta.url).pathname, {
        env: { ...process.env, MLX_HOSTFILE: hostfileOf(rank), MLX_RANK: String(rank) },
      })
      const shard = ShardSpec.parse({
        modelDir,
        strategy,
        backend: 'ring',
        rank,
        worldSize: ranks,
        layers: range,
        contextTokens: 1024,
        prefillChunkTokens: 100,
        maxBatch: 4,
        dequantize: false,
        threads: 1,
        ...(ring && { ring: placeOf(rank) }),
        ...spec,
      })
      send(child, { type: 'open', spec: shard, options: { ...options, useArrays } })
      return child
    })
    const group = new RankGroup(children, folder)
    await Promise.all(children.map((child) => answer(child, 'opened'))).catch(async (error: unknown) => {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      throw error
    })
    return group
  }

  generate(spec: GenerationSpec, onEvent: (event: GenerationEvent) => void): void {
    this.#generations.set(spec.generationId, onEvent)
    send(this.#children[0] as ChildProcess, { type: 'generate', spec })
  }

  /** Only rank 0 draws tokens. */
  setVocabulary(vocabulary: TokenVocabulary): void {
    send(this.#children[0] as ChildProcess, { type: 'vocabulary', vocabulary })
  }

  /** Ends a rank as a crash does. */
  async kill(rank: number): Promise<void> {
    const child = this.#children[rank] as ChildProcess
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  processId(rank: number): number {
    return this.#children[rank]?.pid as number
  }

  async stats(rank: number): Promise<ShardStats> {
    const child = this.#children[rank] as ChildProcess
    send(child, { type: 'stats' })
    return (await answer(child, 'stats')).stats
  }

  async steps(rank: number): Promise<BindingSteps> {
    const child = this.#children[rank] as ChildProcess
    send(child, { type: 'steps' })
    return (await answer(child, 'steps')).steps
  }

  /** @returns the ranks' exit statuses; null for one that was killed */
  async close(): Promise<(number | null)[]> {
    const statuses = await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
        send(child, { type: 'close' })
        const [status] = (await once(child, 'exit')) as [number | null]
        return status
      }),
    )
    rmSync(this.#folder, { recursive: true, force: true })
    return statuses
  }
}

function send(child: ChildProcess, message: ToRank): void {
  child.send(message)
}

/** The next message of a type; an error of the child, its end, or the limit rejects. */
async function answer<Type extends FromRank['type']>(child: ChildProcess, type: Type): Promise<Extract<FromRank, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => end(() => reject(new Error(`no ${type} within ${OPEN_LIMIT_MS} ms`))), OPEN_LIMIT_MS)
    const onMessage = (message: FromRank) => {
      if (message.type === type) end(() => resolve(message as Extract<FromRank, { type: Type }>))
      if (message.type === 'failed') end(() => reject(new Error(message.message)))
    }
    const onExit = (code: number | null) => end(() => reject(new Error(`a rank ended with status ${code}`)))
    const end = (settle: () => void) => {
      clearTimeout(limit)
      child.off('message', onMessage)
      child.off('exit', onExit)
      settle()
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}

/** They lie below those that the system gives to outgoing connections, none of which can take one before its rank listens. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
