import { z } from 'zod'

/** `quantization_config` of AutoAWQ, AutoGPTQ, GPTQModel, compressed-tensors and the fp8 checkpoints of transformers. */
export const ForeignConfig = z.object({
  bits: z.int().optional().catch(undefined),
  desc_act: z.boolean().optional().catch(undefined),
  checkpoint_format: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  weight_block_size: z
    .tuple([z.int().min(1), z.int().min(1)])
    .optional()
    .catch(undefined),
  config_groups: z
    .record(z.string(), z.object({ weights: z.object({ num_bits: z.int() }).nullish() }))
    .optional()
    .catch(undefined),
})
export type ForeignConfig = z.infer<typeof ForeignConfig>
