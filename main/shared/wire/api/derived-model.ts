import { z } from 'zod'
import { OllamaOptions } from './ollama.ts'

/** A name as in Ollama: parts and an optional tag. It is looked up in a list and never used as a path. */
const NAME = /^[A-Za-z0-9][\w.-]{0,79}(\/[A-Za-z0-9][\w.-]{0,79}){0,2}(:[\w][\w.-]{0,79})?$/

export const DerivedName = z
  .string()
  .max(256)
  .regex(NAME)
  .refine((name) => !name.includes('..'), 'it is not a valid model name')

/** Maximum size of all texts of a model together, as JSON. */
export const MOST_DERIVED_BYTES = 256 * 1024
export const MOST_DERIVED_MODELS = 128

/** A model under another name, with its own texts and settings. Its weights are those of its base model. */
export const DerivedModel = z.strictObject({
  /** Id of the model whose weights it has. */
  from: z.string().min(1).max(1024),
  system: z.string().nullable(),
  /** A Go template; null: the model's own template. */
  template: z.string().nullable(),
  parameters: OllamaOptions,
  /** Messages that precede those of every request. */
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  license: z.string(),
  modifiedEpochMs: z.number(),
})
export type DerivedModel = z.infer<typeof DerivedModel>

/** The key of a name: a name without a tag equals one with `:latest`, and case is ignored. */
export function derivedKey(name: string): string {
  return name.replace(/:latest$/i, '').toLowerCase()
}
