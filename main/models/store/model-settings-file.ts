import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type DiskWatch, DurableFile } from '../../platform/durable-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelSettings, MOST_MODELS_WITH_SETTINGS } from '../../shared/model-settings.ts'

const Entries = z.array(z.tuple([z.string().min(1).max(1024), ModelSettings])).max(MOST_MODELS_WITH_SETTINGS)
type Entries = z.infer<typeof Entries>

/** What the user has set for each model, by its id. A command may write it while a node runs. */
export class ModelSettingsFile {
  readonly #file: DurableFile<Entries>
  #read: { readonly stamp: string; readonly byId: ReadonlyMap<string, ModelSettings> } | null = null

  constructor(dataDir: string, watch?: DiskWatch) {
    this.#file = new DurableFile({ path: join(dataDir, 'model-settings.json'), parse: (text) => Entries.parse(JSON.parse(text)), format: (entries) => JSON.stringify(entries), watch })
  }

  async all(): Promise<ReadonlyMap<string, ModelSettings>> {
    const stamp = await stat(this.#file.path, { bigint: true }).then(({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`, () => 'none')
    if (this.#read?.stamp !== stamp) this.#read = { stamp, byId: new Map((await this.#file.read()) ?? []) }
    return this.#read.byId
  }

  /** Empty where nothing is set. */
  async of(modelId: string): Promise<ModelSettings> {
    return (await this.all()).get(modelId) ?? {}
  }

  /** Sets all of them anew. @throws AppError `invalid-request` where too many models have settings */
  async set(modelId: string, settings: ModelSettings): Promise<void> {
    await this.#file.change((kept) => {
      const others = (kept ?? []).filter(([id]) => id !== modelId)
      if (others.length >= MOST_MODELS_WITH_SETTINGS) throw new AppError('invalid-request', `At most ${MOST_MODELS_WITH_SETTINGS} models have settings of their own. Take those of another away first: exo models set MODEL --reset`, { param: 'model' })
      return Object.keys(settings).length === 0 ? others : [...others, [modelId, settings]]
    })
    this.#read = null
  }
}
