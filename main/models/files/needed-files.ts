import { weightFilesOf } from '../../shared/models/weight-files.ts'
import type { HubFile } from '../../shared/wire/peer/model-file-request.ts'

/** Settings, templates, tokenizers and indexes. Never code, documentation, or files for other engines. */
const NEEDED_FILES = [
  /^(1_Pooling\/config\.json|\d+_Dense\/(config\.json|model\.safetensors)|[^/]+\.(json|jinja|tiktoken)|merges\.txt|vocab\.txt)$/,
  /^[^/]*(tokenizer|tiktoken|spiece|sentencepiece)[^/]*\.model$/,
]

export const INDEX_FILE = 'model.safetensors.index.json'

/** Whether a file is needed regardless of the index. */
export function isSupportFile(path: string): boolean {
  return NEEDED_FILES.some((pattern) => pattern.test(path))
}

/**
 * The files needed to load a model.
 *
 * @param indexedFiles - the weight files that the index names, because some repositories hold their weights twice; null
 *   without an index
 */
export function neededFiles<File extends Pick<HubFile, 'path'>>(files: readonly File[], indexedFiles: ReadonlySet<string> | null): File[] {
  const weights = new Set(
    weightFilesOf(
      files.map(({ path }) => path),
      indexedFiles,
    ),
  )
  return files.filter(({ path }) => isSupportFile(path) || weights.has(path))
}
