import type { FilePort } from '../files/file-port.ts'

interface Inode {
  text: string
  /** The text left by a power loss; null: anything from nothing to all of it. */
  durable: string | null
}

export interface SimulatedDiskOptions {
  /** From 0 up to, but not including, 1. */
  random(): number
  /** The outcome of the next operation: success, a system error, or a power loss in the middle of it. */
  fault(): 'ENOSPC' | 'EIO' | 'EMFILE' | 'power' | null
}

/** A disk that keeps only synced data. After a power loss, its names are as they were at some moment since their last sync. */
export class SimulatedDisk implements FilePort {
  readonly #options: SimulatedDiskOptions
  #names = new Map<string, Inode>()
  /** All states of the names that a power loss may leave, oldest first. */
  #history = [new Map<string, Inode>()]
  isOff = false

  constructor(options: SimulatedDiskOptions) {
    this.#options = options
  }

  /** Power returns: chance decides how much of the unsynced data survives. */
  restart(): void {
    const { random } = this.#options
    const names = this.#history[Math.floor(random() * this.#history.length)] ?? new Map<string, Inode>()
    this.#names = new Map()
    const afterLoss = new Map<Inode, Inode>()
    for (const [path, inode] of names) {
      const left = inode.durable ?? inode.text.slice(0, Math.floor(random() * (inode.text.length + 1)))
      const kept = afterLoss.get(inode) ?? { text: left, durable: left }
      afterLoss.set(inode, kept)
      this.#names.set(path, kept)
    }
    this.#history = [new Map(this.#names)]
    this.isOff = false
  }

  paths(): string[] {
    return [...this.#names.keys()]
  }

  /** Truncates a file, like bad sectors or an earlier version would. */
  tear(path: string, length: number): void {
    const inode = this.#inode(path)
    // Its other names keep their content.
    const text = inode.text.slice(0, length)
    this.#names.set(path, { text, durable: text })
    this.#remember()
  }

  async read(path: string): Promise<string> {
    await this.#effect()
    return this.#inode(path).text
  }

  async write(path: string, text: string): Promise<void> {
    const inode = this.#names.get(path) ?? { text: '', durable: null }
    const attempt = this.#effect()
    const isWhole = await attempt.then(
      () => true,
      () => false,
    )
    inode.text = isWhole ? text : text.slice(0, Math.floor(this.#options.random() * text.length))
    inode.durable = null
    this.#names.set(path, inode)
    this.#remember()
    await attempt
  }

  async sync(path: string): Promise<void> {
    await this.#effect()
    const inode = this.#inode(path)
    inode.durable = inode.text
  }

  async link(from: string, to: string): Promise<void> {
    await this.#effect()
    if (this.#names.has(to)) throw systemError('EEXIST')
    this.#names.set(to, this.#inode(from))
    this.#remember()
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#effect()
    const inode = this.#inode(from)
    this.#names.delete(from)
    this.#names.set(to, inode)
    this.#remember()
  }

  async remove(path: string): Promise<void> {
    await this.#effect()
    this.#names.delete(path)
    this.#remember()
  }

  async makeFolder(): Promise<void> {
    await this.#effect()
  }

  async syncFolder(): Promise<void> {
    await this.#effect()
    this.#history = [new Map(this.#names)]
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (!inode) throw systemError('ENOENT')
    return inode
  }

  #remember(): void {
    this.#history.push(new Map(this.#names))
  }

  async #effect(): Promise<void> {
    if (this.isOff) throw new Error('there is no power')
    const fault = this.#options.fault()
    if (fault === null) return
    if (fault === 'power') this.isOff = true
    throw fault === 'power' ? new Error('power was lost') : systemError(fault)
  }
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated`), { code })
}
