import { AppError } from '../../shared/app-error.ts'
import type { EmbeddingTask } from '../../shared/inference/inference.ts'
import type { JsonFileObject } from './read-tokenizer-files.ts'

/** Names that clients use for what models call otherwise. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  query: ['query', 'search_query', 'retrieval.query'],
  search_query: ['search_query', 'query', 'retrieval.query'],
  'retrieval.query': ['retrieval.query', 'query', 'search_query'],
  document: ['document', 'passage', 'search_document', 'retrieval.passage'],
  passage: ['passage', 'document', 'search_document', 'retrieval.passage'],
  search_document: ['search_document', 'document', 'passage', 'retrieval.passage'],
  'retrieval.passage': ['retrieval.passage', 'passage', 'document', 'search_document'],
}

/** The start of an instruction and of the text that follows it, as decoders for embeddings were trained. */
const INSTRUCTED = /^(?<start>Instruct: ?)[^]*?(?<end>\n+Query: ?)$/

/**
 * What is written before a text for this task.
 *
 * @param settings - `config_sentence_transformers.json`
 * @throws AppError `invalid-request` for a name that the model's files lack, though they have others
 */
export function textBefore(task: EmbeddingTask, settings: JsonFileObject, isEncoder: boolean): string {
  const stated = settings['prompts']
  const prompts = new Map(
    Object.entries(typeof stated === 'object' && stated !== null ? stated : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
  if ('instruction' in task) return instructed(task.instruction, [...prompts.values()], isEncoder)
  const names = Object.hasOwn(SYNONYMS, task.name) ? (SYNONYMS[task.name] ?? []) : [task.name]
  const found = names.find((name) => prompts.has(name))
  if (found !== undefined) return prompts.get(found) ?? ''
  if (prompts.size === 0) return ''
  throw new AppError(
    'invalid-request',
    `The model has no prompt for "${task.name}". It has: ${[...prompts.keys()].join(', ')}. Name one of them, or send an "instruction".`,
    { param: 'prompt_name' },
  )
}

function instructed(instruction: string, prompts: readonly string[], isEncoder: boolean): string {
  const form = prompts.map((prompt) => INSTRUCTED.exec(prompt)?.groups).find((groups) => groups !== undefined)
  if (form) return `${form['start']}${instruction}${form['end']}`
  return isEncoder ? instruction : `Instruct: ${instruction}\nQuery: `
}
