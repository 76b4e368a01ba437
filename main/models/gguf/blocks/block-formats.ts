import type { BlockFormat } from './block-format.ts'
import { codebookBlocks } from './codebook-blocks.ts'
import { kBlocks } from './k-blocks.ts'
import { simpleBlocks } from './simple-blocks.ts'

/** The quantized types that can be imported, by GGUF's name. */
export const blockFormats: ReadonlyMap<string, BlockFormat> = new Map<string, BlockFormat>(
  Object.entries({ ...simpleBlocks, ...kBlocks, ...codebookBlocks }),
)
