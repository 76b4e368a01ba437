import { weightFilesOf } from '../../shared/models/weight-files.ts'
import type { HubFile } from '../../shared/wire/peer/model-file-request.ts'

/** Settings, templates, tokenizers and indexes. Never code, nor what is for people or for other engines. */
const NEEDED_FILES = /^([^/]+\.(json|jinja|tiktoken)|[^/]*(tokenizer|tiktoken|spiece|sentencepiece)[^/]*\.model|merges\.txt|vocab\.txt)$/

export const INDEX_FILE = 'model.safetensors.index.json'

/** Whether a file is needed whatever the index says. */
export function isSupportFile(path: string): boolean {
  return NEEDED_FILES.test(path)
}

/**
 * The files that loading a model takes.
 *
 * @param indexedFiles - the weight files that the index names; null without an index: some repositories hold their weights twice
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
