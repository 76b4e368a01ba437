import type { Command } from 'commander'
import { defaultNodeFlags, type NodeFlags } from '../node-options.ts'
import { type ConfigContent, readConfig } from './config-file.ts'
import { type NodeSetting, nodeSettings } from './node-settings-table.ts'

export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default'

export interface EffectiveSetting {
  readonly setting: NodeSetting
  /** As it was written, or the default as parsed. */
  readonly value: unknown
  readonly parsed: unknown
  readonly origin: SettingOrigin
}

/** The value of each setting without flags: of the environment, else of the file, else the default. */
export function effectiveSettings(
  settings: readonly NodeSetting[],
  content: ConfigContent,
  environment: Readonly<Record<string, string | undefined>>,
): EffectiveSetting[] {
  return settings.map((setting): EffectiveSetting => {
    const text = environment[setting.environment]
    if (text !== undefined && text !== '') {
      const value = setting.kind === 'list' ? text.split(',').map((item) => item.trim()) : text
      return { setting, value, parsed: setting.parse(value), origin: 'environment' }
    }
    const written = content[setting.key]
    if (written !== undefined) return { setting, value: written, parsed: setting.parse(written), origin: 'file' }
    return { setting, value: setting.defaultValue, parsed: setting.defaultValue, origin: 'default' }
  })
}

/**
 * Fills the flags that were not given on the command line from the environment and the configuration file.
 *
 * @throws AppError if the file or a variable is invalid
 */
export async function applyConfig(command: Command, dataDir: string): Promise<void> {
  const settings = nodeSettings()
  for (const { setting, parsed, origin } of effectiveSettings(settings, await readConfig(dataDir, settings), process.env)) {
    const source = command.getOptionValueSource(setting.attribute)
    const isOpen = source === undefined || source === 'default'
    if (origin !== 'default' && isOpen) command.setOptionValueWithSource(setting.attribute, parsed, origin === 'file' ? 'config' : 'env')
  }
}

/** The flags of a node that a command starts for itself: those of the environment and the file. */
export async function configuredNodeFlags(dataDir: string): Promise<NodeFlags> {
  const settings = nodeSettings()
  const effective = effectiveSettings(settings, await readConfig(dataDir, settings), process.env)
  return { ...defaultNodeFlags(), ...Object.fromEntries(effective.map(({ setting, parsed }) => [setting.attribute, parsed])) }
}
