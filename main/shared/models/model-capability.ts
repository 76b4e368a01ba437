import { z } from 'zod'

/** What can be asked of a model, in Ollama's words: `insert` is filling in what stands between two texts. */
export const ModelCapability = z.enum(['completion', 'tools', 'thinking', 'insert'])
export type ModelCapability = z.infer<typeof ModelCapability>
