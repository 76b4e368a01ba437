import { join } from 'node:path'
import { z } from 'zod'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import { RereadFile } from '../../platform/files/reread-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { DerivedModel, derivedKey, DerivedName, MOST_DERIVED_BYTES, MOST_DERIVED_MODELS } from '../../shared/wire/api/derived-model.ts'

const Entries = z.array(z.tuple([DerivedName, DerivedModel])).max(MOST_DERIVED_MODELS)
type Entries = z.infer<typeof Entries>

/** Models that the user has derived from others: under another name, with their own system prompt or settings. */
export class DerivedModels {
  readonly #file: RereadFile<Entries, ReadonlyMap<string, readonly [string, DerivedModel]>>

  constructor(dataDir: string, watch?: DiskWatch) {
    this.#file = new RereadFile(
      {
        path: join(dataDir, 'derived-models.json'),
        parse: (text) => Entries.parse(JSON.parse(text)),
        format: (entries: Entries) => JSON.stringify(entries),
        watch,
      },
      (kept) => new Map((kept ?? []).map((entry) => [derivedKey(entry[0]), entry])),
    )
  }

  /** In order of creation. */
  async list(): Promise<readonly (readonly [name: string, model: DerivedModel])[]> {
    return [...(await this.#file.current()).values()]
  }

  /** null: no model has that name. */
  async find(name: string): Promise<DerivedModel | null> {
    return (await this.#file.current()).get(derivedKey(name))?.[1] ?? null
  }

  /** Creates the model, or replaces the one with that name. @throws AppError `invalid-request` for an invalid name, or beyond the limits */
  async set(name: string, model: DerivedModel): Promise<void> {
    const bare = name.replace(/:latest$/i, '')
    if (!DerivedName.safeParse(bare).success)
      throw new AppError(
        'invalid-request',
        `"${name.slice(0, 256)}" is not a valid model name. Use letters, digits, "-", "_" and ".", optionally ` +
          'with a tag, as in my-model:v2.',
        { param: 'model' },
      )
    if (Buffer.byteLength(JSON.stringify(model)) > MOST_DERIVED_BYTES)
      throw new AppError('invalid-request', `The texts of a model can have at most ${MOST_DERIVED_BYTES / 1024} KB in total.`, {
        param: 'model',
      })
    await this.#file.change((kept) => {
      const others = (kept ?? []).filter(([known]) => derivedKey(known) !== derivedKey(bare))
      if (others.length >= MOST_DERIVED_MODELS)
        throw new AppError(
          'invalid-request',
          `This node can store at most ${MOST_DERIVED_MODELS} created models. Delete one first: exo models rm NAME`,
          { param: 'model' },
        )
      return [...others, [bare, model]]
    })
  }

  /** @returns false if no model has that name */
  async remove(name: string): Promise<boolean> {
    if ((await this.find(name)) === null) return false
    await this.#file.change((kept) => (kept ?? []).filter(([known]) => derivedKey(known) !== derivedKey(name)))
    return true
  }
}
