import { join } from 'node:path'
import { readRegularFile } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ChatTemplates } from './template/chat-template.ts'
import { deepSeekTemplate } from './template/deepseek-template.ts'
import { readJsonFile } from '../files/read-json-file.ts'
import { sentencePieceTokenizer } from './formats/sentencepiece/sentencepiece-tokenizer.ts'
import { tekkenTokenizer } from './formats/tekken-tokenizer.ts'
import { wordPieceTokenizer } from './formats/word-piece-tokenizer.ts'
import { tiktokenTokenizer } from './formats/tiktoken-tokenizer.ts'

export type JsonFileObject = Readonly<Record<string, unknown>>

/** The contents of a model folder that concern tokens and chats. */
export interface TokenizerFolder {
  /** null: the model accepts token ids only. */
  readonly tokenizer: JsonFileObject | null
  readonly tokenizerConfig: JsonFileObject
  readonly config: JsonFileObject
  readonly generationConfig: JsonFileObject
  /** null if the folder has none. */
  readonly chatTemplates: ChatTemplates | null
  /** The pooling settings of sentence-transformers. */
  readonly poolingConfig: JsonFileObject
  /** Its other settings, with prompts for tasks. */
  readonly sentenceConfig: JsonFileObject
}

/** @throws AppError `model-damaged` */
export async function readTokenizerFolder(modelDir: string): Promise<TokenizerFolder> {
  const json = (name: string): Promise<JsonFileObject | null> => readJsonFile(join(modelDir, name))
  const tokenizerConfig = (await json('tokenizer_config.json')) ?? {}
  return {
    tokenizer: (await json('tokenizer.json')) ?? (await otherTokenizer(modelDir, tokenizerConfig)),
    tokenizerConfig,
    config: (await json('config.json')) ?? {},
    generationConfig: (await json('generation_config.json')) ?? {},
    chatTemplates: await readTemplates(modelDir, await statedTemplate(modelDir, tokenizerConfig)),
    poolingConfig: (await json(join('1_Pooling', 'config.json'))) ?? {},
    sentenceConfig: (await json('config_sentence_transformers.json')) ?? {},
  }
}

/** The tokenizer of a folder that has another file in place of tokenizer.json; null: there is none. */
async function otherTokenizer(modelDir: string, tokenizerConfig: JsonFileObject): Promise<JsonFileObject | null> {
  const tiktoken = await readTextFile(join(modelDir, 'tiktoken.model'))
  if (tiktoken !== null) return tiktokenTokenizer(tiktoken, tokenizerConfig)
  const tekken = await readJsonFile(join(modelDir, 'tekken.json'))
  if (tekken !== null) return tekkenTokenizer(tekken)
  const sentencePiece = await readBytes(join(modelDir, 'tokenizer.model'))
  if (sentencePiece !== null) return sentencePieceTokenizer(sentencePiece, tokenizerConfig)
  const words = await readTextFile(join(modelDir, 'vocab.txt'))
  return words === null ? null : wordPieceTokenizer(words, tokenizerConfig)
}

/** The template that the settings state, or a list of named ones. */
async function statedTemplate(modelDir: string, tokenizerConfig: JsonFileObject): Promise<unknown> {
  return (await readJsonFile(join(modelDir, 'chat_template.json')))?.['chat_template'] ?? tokenizerConfig['chat_template']
}

/** What a folder says about its tokenizer, without the vocabulary. @throws AppError `model-damaged` */
export async function readTokenizerFacts(modelDir: string): Promise<{
  readonly tokenizerClass: string | null
  readonly specialTokens: Readonly<Record<string, string>>
  readonly chatTemplate: string | null
}> {
  const settings = (await readJsonFile(join(modelDir, 'tokenizer_config.json'))) ?? {}
  const { tokenizer_class: tokenizerClass } = settings
  return {
    tokenizerClass: typeof tokenizerClass === 'string' ? tokenizerClass : null,
    specialTokens: specialTokensByName(settings),
    chatTemplate: (await readTemplates(modelDir, await statedTemplate(modelDir, settings)))?.plain ?? null,
  }
}

/**
 * A separate template file takes precedence over the tokenizer's settings, which have one template or a list of named ones.
 * Without any, the family of the model may have one.
 */
export async function readTemplates(modelDir: string, stated: unknown): Promise<ChatTemplates | null> {
  const entries: readonly unknown[] = Array.isArray(stated) ? stated : [{ name: 'default', template: stated }]
  const named = entries.filter(
    (entry): entry is { name: string; template: string } => typeof (entry as { template?: unknown } | null)?.template === 'string',
  )
  const templateNamed = (name: string): string | null => named.find((entry) => entry.name === name)?.template ?? null
  const plain = (await readTextFile(join(modelDir, 'chat_template.jinja'))) ?? templateNamed('default') ?? named[0]?.template ?? null
  const toolUse = (await readTextFile(join(modelDir, 'additional_chat_templates', 'tool_use.jinja'))) ?? templateNamed('tool_use')
  const ofFamily = plain === null ? deepSeekTemplate((await readJsonFile(join(modelDir, 'config.json')))?.['model_type']) : null
  const found = plain ?? ofFamily
  return found === null ? null : { plain: found, toolUse }
}

export async function readTextFile(path: string): Promise<string | null> {
  const bytes = await readBytes(path)
  return bytes === null ? null : bytes.toString('utf8')
}

/** null where there is no such file. */
async function readBytes(path: string): Promise<Buffer | null> {
  try {
    return await readRegularFile(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AppError('model-damaged', `${path} cannot be read.`, { path }, cause)
  }
}

/** The text of `bos_token` or a similar setting, which may be an object with further settings. */
export function specialTokenText(tokenizerConfig: JsonFileObject, name: string): string | null {
  const value = tokenizerConfig[name]
  if (typeof value === 'string') return value
  const content = (value as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : null
}

/** The special tokens that the settings name, such as `bos_token`. */
export function specialTokensByName(tokenizerConfig: JsonFileObject): Record<string, string> {
  const named = Object.keys(tokenizerConfig).flatMap((name) => {
    const text = name.endsWith('_token') ? specialTokenText(tokenizerConfig, name) : null
    return text === null ? [] : [[name, text]]
  })
  return Object.fromEntries(named) as Record<string, string>
}

/** All tokens that end a generation, as given by generation_config.json, config.json and the tokenizer. */
export function eosTokenIdsOf(folder: TokenizerFolder, idOfToken: (token: string) => number | undefined): number[] {
  const textConfig = folder.config['text_config'] as JsonFileObject | null | undefined
  const stated = [folder.generationConfig['eos_token_id'], folder.config['eos_token_id'], textConfig?.['eos_token_id']].flat()
  const eosToken = specialTokenText(folder.tokenizerConfig, 'eos_token')
  const ids = [...stated, eosToken === null ? undefined : idOfToken(eosToken)]
  return [...new Set(ids.filter((id): id is number => typeof id === 'number' && Number.isInteger(id) && id >= 0))]
}
