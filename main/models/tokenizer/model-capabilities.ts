import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCapability } from '../../shared/models/model-capability.ts'
import { readJsonFile } from '../files/read-json-file.ts'
import { fillsIn } from './template/fill-in-middle.ts'
import { readTemplates, readTextFile } from './read-tokenizer-files.ts'

const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'chat_template.json']
/** How templates write thoughts or turn them on and off. */
const THOUGHTS = /enable_thinking|<think>|\[THINK\]|<seed:think>|<\|channel\|>analysis|reasoning_content|reasoning_effort/

/**
 * The capabilities of a model, from its files. Every chat model can use tools: if a template does not support them,
 * they are described in words.
 */
async function capabilitiesIn(modelDir: string): Promise<ModelCapability[]> {
  const tokens = await readTextFile(join(modelDir, 'tokenizer.json'))
  if (tokens === null) return ['completion']
  const tokenizerConfig = (await readJsonFile(join(modelDir, 'tokenizer_config.json'))) ?? {}
  const stated = (await readJsonFile(join(modelDir, 'chat_template.json')))?.['chat_template'] ?? tokenizerConfig['chat_template']
  const templates = await readTemplates(modelDir, stated)
  const hasToken = (token: string): boolean => tokens.includes(JSON.stringify(token))
  const isChat = templates !== null || (hasToken('<|im_start|>') && hasToken('<|im_end|>'))
  return [
    'completion',
    ...(isChat ? (['tools'] as const) : []),
    ...(templates !== null && THOUGHTS.test(templates.plain) ? (['thinking'] as const) : []),
    ...(fillsIn(hasToken) ? (['insert'] as const) : []),
  ]
}

/** Reads the capabilities of models and caches them until the files change. */
export class ModelCapabilities {
  private readonly known = new Map<string, { readonly fingerprint: string; readonly capabilities: Promise<readonly ModelCapability[]> }>()

  /** @throws AppError `model-damaged` */
  async of(modelDir: string): Promise<readonly ModelCapability[]> {
    const stats = await Promise.all(FILES.map((name) => stat(join(modelDir, name)).catch(() => null)))
    const fingerprint = stats.map((file) => `${file?.size}:${file?.mtimeMs}`).join()
    const known = this.known.get(modelDir)
    if (known?.fingerprint === fingerprint) return known.capabilities
    const capabilities = capabilitiesIn(modelDir)
    this.known.set(modelDir, { fingerprint, capabilities })
    return capabilities
  }
}
