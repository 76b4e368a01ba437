import { AppError } from '../../shared/app-error.ts'

/** How text is split before byte-level BPE: the meaning of `tokenizer.ggml.pre`, in terms of tokenizer.json. */
export interface PreTokenization {
  readonly normalizer: object | null
  readonly preTokenizer: object
  /** A piece that is itself a token is used as it is, without applying the merges. */
  readonly ignoreMerges: boolean
  /** Whether BOS is added when the file does not say. */
  readonly addsBos: boolean
}

const byteLevel = (useRegex: boolean) => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: useRegex })
const splitBy = (pattern: string) => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false })
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers })

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const wordsAndNumbers = (digits: string): string =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const tekkenPattern =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+' +
  '|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*' +
  '|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

/** GPT-4o's pattern: a capital letter starts a word, and a contraction stays with its word. */
const o200kPattern =
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contractions}?` +
  `|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contractions}?` +
  '|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
const deepseekPattern =
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+' +
  '|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

/** Marks belong to the letters before them. */
const qwen35Pattern = [
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}`,
  ' ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
].join('|')
/** Each line break stands alone. */
const lingPattern =
  "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"
const seedPattern = `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

const plain = { normalizer: null, ignoreMerges: false, addsBos: false }
const gpt2: PreTokenization = { ...plain, preTokenizer: byteLevel(true) }
const singleDigits: PreTokenization = { ...plain, preTokenizer: sequence(splitBy('\\p{N}'), byteLevel(true)) }
const llama3: PreTokenization = {
  normalizer: null,
  ignoreMerges: true,
  addsBos: true,
  preTokenizer: sequence(splitBy(wordsAndNumbers('\\p{N}{1,3}')), byteLevel(false)),
}
const qwen2: PreTokenization = {
  ...plain,
  normalizer: { type: 'NFC' },
  preTokenizer: sequence(splitBy(wordsAndNumbers('\\p{N}')), byteLevel(false)),
}
/** Llama 3's splitting, without its other two settings. */
const cl100k: PreTokenization = { ...llama3, ignoreMerges: false, addsBos: false }
const gpt4o: PreTokenization = { ...plain, preTokenizer: sequence(splitBy(o200kPattern), byteLevel(false)) }
const deepseekV3: PreTokenization = {
  ...plain,
  preTokenizer: sequence(splitBy('\\p{N}{1,3}'), splitBy('[一-龥぀-ゟ゠-ヿ]+'), splitBy(deepseekPattern), byteLevel(false)),
}
const ling: PreTokenization = { ...plain, preTokenizer: sequence(splitBy(lingPattern), byteLevel(false)) }
const tekken: PreTokenization = { ...llama3, preTokenizer: sequence(splitBy(tekkenPattern), byteLevel(false)) }

const byName: Readonly<Record<string, PreTokenization>> = {
  default: gpt2,
  'gpt-2': gpt2,
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  codeshell: singleDigits,
  'command-r': singleDigits,
  exaone: singleDigits,
  mpt: gpt2,
  olmo: gpt2,
  'phi-2': gpt2,
  dbrx: cl100k,
  'chatglm-bpe': cl100k,
  glm4: cl100k,
  falcon3: llama3,
  lfm2: llama3,
  'gpt-4o': gpt4o,
  llama4: gpt4o,
  'deepseek-v3': deepseekV3,
  stablelm2: { ...qwen2, normalizer: null },
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  'smaug-bpe': { ...llama3, addsBos: false },
  qwen2,
  'deepseek-r1-qwen': { ...qwen2, normalizer: null },
  qwen35: { ...qwen2, preTokenizer: sequence(splitBy(qwen35Pattern), byteLevel(false)) },
  hunyuan: { ...qwen2, normalizer: null },
  'solar-open': { ...qwen2, normalizer: null },
  'hunyuan-dense': deepseekV3,
  'joyai-llm': deepseekV3,
  'minimax-m2': gpt4o,
  'seed-coder': { ...plain, preTokenizer: sequence(splitBy(seedPattern), byteLevel(false)) },
  bailingmoe: ling,
  bailingmoe2: ling,
  'falcon-h1': llama3,
  tekken,
  pixtral: tekken,
}

/** @throws AppError `model-unsupported` listing the known names */
export function preTokenizationOf(name: string): PreTokenization {
  const known = Object.hasOwn(byName, name) ? byName[name] : undefined
  if (!known)
    throw new AppError(
      'model-unsupported',
      `The pre-tokenizer "${name}" of the GGUF file is not supported. Supported: ${Object.keys(byName).join(', ')}.`,
      { preTokenizer: name },
    )
  return known
}
