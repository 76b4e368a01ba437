import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { findOwnNode } from '../../node/files/node-file.ts'
import { cacheDir } from '../../platform/files/default-folders.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { dataDirOf, type DataDirFlags, dataDirOption } from '../node-options.ts'
import { openPlaces } from '../open-store.ts'
import type { Terminal } from '../terminal.ts'
import { removeService } from './service-command.ts'

/** What stays in the data folder: models, and parts of models whose download has not ended. */
const KEPT = ['models', 'parts']
/** What exo itself has written there. Other files are not touched. */
const OWN: ReadonlySet<string> = new Set([
  'activity.jsonl',
  'api-token',
  'api-tokens.json',
  'chat-presets.json',
  'chats',
  'chats-key',
  'clusters.json',
  'config.json',
  'derived-models.json',
  'election-round',
  'groups',
  'history',
  'identity.pem',
  'logs',
  'model-aliases.json',
  'model-settings.json',
  'model-uses.json',
  'node.json',
  'own-node-key',
  'responses.jsonl',
  'conversations.jsonl',
  'service.env',
  'settings.json',
  'speed.json',
  'thunderbolt-setup.json',
])
/** Backups have the name of their file before these endings. */
const BACKUP = /\.(previous|damaged|edited|new|\d+)$/
const isOwn = (name: string): boolean => OWN.has(name.replace(BACKUP, ''))

/** `exo uninstall`: removes what exo keeps on this machine, except models. */
export function addUninstallCommand(program: Command, terminal: Terminal): void {
  program
    .command('uninstall')
    .description('remove the service, the settings, the chats, the history and the caches of exo; models stay')
    .option('--yes', 'do it, instead of only listing what would be removed')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { yes?: true }) => {
      const dataDir = dataDirOf(program, flags)
      // Damaged settings keep nobody from uninstalling; the folder that they name is then not mentioned.
      const hubCacheDir = await openPlaces(dataDir).then(
        (places) => places.hubCacheDir,
        () => null,
      )
      const names = await readdir(dataDir).catch((): string[] => [])
      const removed = [...names.filter(isOwn).map((name) => join(dataDir, name)), cacheDir()].filter(existsSync)
      const stays = [
        ...names.filter((name) => KEPT.includes(name)).map((name) => join(dataDir, name)),
        ...(hubCacheDir === null ? [] : [hubCacheDir]),
      ].filter(existsSync)
      const others = names.filter((name) => !isOwn(name) && !KEPT.includes(name)).map((name) => join(dataDir, name))
      if (flags.yes !== true) {
        terminal.line(
          [
            'The service, and these files would be removed:',
            ...removed.map(indent),
            ...staysText(stays, others),
            'To do it: exo uninstall --yes',
          ].join('\n'),
        )
        return
      }
      const hadService = await removeService({ dataDir, isSystem: false }).catch((error: unknown) => {
        if (errorCode(error) === 'service-unsupported') return false
        throw error
      })
      if (await findOwnNode(dataDir))
        throw new AppError('already-running', 'A node is running with this data folder. Stop it, and run exo uninstall --yes again.')
      for (const path of removed) await rm(path, { recursive: true, force: true })
      if (names.every(isOwn)) await rm(dataDir, { recursive: true, force: true })
      terminal.line(
        [
          hadService ? 'Removed the service and:' : 'Removed:',
          ...removed.map(indent),
          ...staysText(stays, others),
          'Remove the program the way you installed it.',
        ].join('\n'),
      )
    })
}

const indent = (path: string): string => `  ${path}`

function staysText(stays: readonly string[], others: readonly string[]): string[] {
  return [
    ...(stays.length === 0 ? ['No models are left.'] : ['Models stay in:', ...stays.map(indent)]),
    ...(others.length === 0 ? [] : ['These files are not from exo and stay too:', ...others.map(indent)]),
  ]
}
