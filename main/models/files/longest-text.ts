/** The file in which sentence-transformers states the longest text of an encoder. */
export const LONGEST_TEXT_FILE = 'sentence_bert_config.json'

/** @returns null if the file states none */
export function longestTextOf(config: Readonly<Record<string, unknown>> | null): number | null {
  const tokens = config?.['max_seq_length']
  return typeof tokens === 'number' && Number.isInteger(tokens) && tokens > 0 ? tokens : null
}
