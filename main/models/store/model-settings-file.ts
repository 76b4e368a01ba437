import { join } from 'node:path'
import { z } from 'zod'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import { RereadFile } from '../../platform/files/reread-file.ts'
import { AppError } from '../../shared/app-error.ts'
import type { WantedKvBits } from '../../shared/models/kv-bits.ts'
import { ModelSettings, MOST_MODELS_WITH_SETTINGS } from '../../shared/models/model-settings.ts'

const Entries = z.array(z.tuple([z.string().min(1).max(1024), ModelSettings])).max(MOST_MODELS_WITH_SETTINGS)
type Entries = z.infer<typeof Entries>

/** The user's settings for each model, by id. A command may write the file while a node runs. */
export class ModelSettingsFile {
  readonly #file: RereadFile<Entries, ReadonlyMap<string, ModelSettings>>

  constructor(dataDir: string, watch?: DiskWatch) {
    this.#file = new RereadFile(
      {
        path: join(dataDir, 'model-settings.json'),
        parse: (text) => Entries.parse(JSON.parse(text)),
        format: (entries: Entries) => JSON.stringify(entries),
        watch,
      },
      (kept) => new Map(kept ?? []),
    )
  }

  all(): Promise<ReadonlyMap<string, ModelSettings>> {
    return this.#file.current()
  }

  /** Empty if nothing is set. */
  async of(modelId: string): Promise<ModelSettings> {
    return (await this.all()).get(modelId) ?? {}
  }

  /** The user's context length for a model; null: none. */
  async contextOf(modelId: string): Promise<number | null> {
    return (await this.of(modelId)).context_tokens ?? null
  }

  /** The user's KV cache for a model; null: none is set. */
  async kvBitsOf(modelId: string): Promise<WantedKvBits | null> {
    return (await this.of(modelId)).kv_bits ?? null
  }

  /** Replaces all settings of a model. @throws AppError `invalid-request` if too many models have settings */
  async set(modelId: string, settings: ModelSettings): Promise<void> {
    await this.#file.change((kept) => {
      const others = (kept ?? []).filter(([id]) => id !== modelId)
      if (others.length >= MOST_MODELS_WITH_SETTINGS)
        throw new AppError(
          'invalid-request',
          `At most ${MOST_MODELS_WITH_SETTINGS} models can have settings. Clear those of another model first: exo models set MODEL --reset`,
          { param: 'model' },
        )
      return Object.keys(settings).length === 0 ? others : [...others, [modelId, settings]]
    })
  }
}
