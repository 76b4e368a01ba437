import type { HubFile } from '../files/hub-file.ts'

/** Settings, templates, tokenizers and indexes. Never code, nor what is for people or for other engines. */
const NEEDED_FILES = /^([^/]+\.(json|jinja|tiktoken)|[^/]*tokenizer[^/]*\.model|merges\.txt|vocab\.txt)$/
const WEIGHT_FILES = /^model[^/]*\.safetensors$/

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
  return files.filter(({ path }) => isSupportFile(path) || (indexedFiles ? indexedFiles.has(path) : WEIGHT_FILES.test(path)))
}
