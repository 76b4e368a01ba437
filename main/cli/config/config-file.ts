import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../platform/files/durable-file.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { type NodeSetting, nodeSettings, settingNamed } from './node-settings-table.ts'

const Content = z.record(z.string(), z.unknown())
/** The settings in the file, as written there. */
export type ConfigContent = z.infer<typeof Content>

export function configPath(dataDir: string): string {
  return join(dataDir, 'config.json')
}

/** The file may contain a token or a key. */
const OWNER_ONLY = 0o600

function configFile(dataDir: string): DurableFile<ConfigContent> {
  return new DurableFile<ConfigContent>({
    path: configPath(dataDir),
    parse: (text) => Content.parse(JSON.parse(text)),
    format: (content) => `${JSON.stringify(content, null, 2)}\n`,
    mode: OWNER_ONLY,
  })
}

/**
 * The checked content of the configuration file; empty without one.
 *
 * @throws AppError `config-damaged` | `setting-unknown` | `setting-invalid`
 */
export async function readConfig(dataDir: string, settings: readonly NodeSetting[] = nodeSettings()): Promise<ConfigContent> {
  const content = await configFile(dataDir)
    .read()
    .catch((cause: unknown) => {
      if (errorCode(cause) !== 'file-damaged') throw cause
      const path = configPath(dataDir)
      throw new AppError(
        'config-damaged',
        `${path} is not valid JSON. Repair it with exo config edit, or delete it. ${errorMessage(cause)}`,
        { path },
        cause,
      )
    })
  return checkConfig(content ?? {}, settings)
}

/** @throws AppError `setting-unknown` | `setting-invalid` */
export function checkConfig(content: ConfigContent, settings: readonly NodeSetting[]): ConfigContent {
  const { $schema: _, ...values } = content
  for (const [key, value] of Object.entries(values)) settingNamed(key, settings).parse(value)
  return values
}

/** Sets a value; undefined removes it. */
export async function changeConfig(dataDir: string, setting: NodeSetting, value: unknown): Promise<void> {
  if (value !== undefined) setting.parse(value)
  await configFile(dataDir).change((kept) => {
    const { [setting.key]: _, ...others } = kept ?? {}
    return value === undefined ? others : { ...others, [setting.key]: value }
  })
}

/** Replaces the whole content. */
export async function replaceConfig(dataDir: string, content: ConfigContent): Promise<void> {
  await configFile(dataDir).write(content)
}
