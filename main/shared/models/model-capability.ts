import { z } from 'zod'

/** The capabilities of a model, in Ollama's terms; `insert` is fill-in-the-middle. */
export const ModelCapability = z.enum(['completion', 'tools', 'thinking', 'insert', 'embedding', 'rerank'])
export type ModelCapability = z.infer<typeof ModelCapability>
