import { stat } from 'node:fs/promises'
import { DurableFile, type DurableFileOptions } from './durable-file.ts'

/** A durable file that another process may write. It is read again only after it has changed. */
export class RereadFile<Value, View> {
  readonly #file: DurableFile<Value>
  readonly #toView: (kept: Value | null) => View
  #read: { readonly stamp: string; readonly view: View } | null = null

  /** @param toView - converts the value for readers, once per reading; null: no value is stored */
  constructor(options: DurableFileOptions<Value>, toView: (kept: Value | null) => View) {
    this.#file = new DurableFile(options)
    this.#toView = toView
  }

  /** @throws as `DurableFile.read` */
  async current(): Promise<View> {
    const stamp = await stat(this.#file.path, { bigint: true }).then(
      ({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`,
      () => 'none',
    )
    if (this.#read?.stamp !== stamp) this.#read = { stamp, view: this.#toView(await this.#file.read()) }
    return this.#read.view
  }

  /** @throws as `DurableFile.write`, and the errors of `next` */
  async change(next: (kept: Value | null) => Value): Promise<void> {
    await this.#file.change(next)
    this.#read = null
  }
}
