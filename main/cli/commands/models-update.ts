import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { readAcceptedCatalogue, writeAcceptedCatalogue } from '../../models/catalogue/accepted-catalogue.ts'
import { fetchCatalogue } from '../../models/hub/fetch-catalogue.ts'
import { judgeCatalogue } from '../../models/catalogue/judge-catalogue.ts'
import { createHubFetch } from '../../models/hub/create-hub-fetch.ts'
import { readHubSettings } from '../../models/hub/hub-settings.ts'
import { checkFamilyHere } from '../../node/check-family-here.ts'
import { findOwnNode } from '../../node/files/node-file.ts'
import { systemClock } from '../../platform/clock.ts'
import { verifyCatalogue } from '../../platform/files/catalogue-signature.ts'
import { resolvePath } from '../../platform/files/default-folders.ts'
import { createLog } from '../../platform/log/log.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import { type DataDirFlags, dataDirOf, dataDirOption } from '../node-options.ts'
import { readBuiltInCards } from '../open-store.ts'
import { processHost, updateKeyFile } from '../process-host.ts'
import type { Terminal } from '../terminal.ts'
import { formatTable } from '../text/table.ts'
import { withProgress } from '../with-progress.ts'

const FETCH_LIMIT_MS = 60_000

/** `exo models update`. */
export function addUpdateCommand(models: Command, program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  models
    .command('update')
    .description('fetch a signed catalogue of models and described families, and use what works on this machine')
    .requiredOption(
      '--from <address>',
      'the address (https) or the file of catalogue.json; its signature is beside it, as catalogue.json.sig',
    )
    .option('--key <file>', "the publisher's public key (PEM), if it is not the publisher of this app")
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { from: string; key?: string; json?: true }) => {
      const dataDir = dataDirOf(program, flags)
      const host = processHost(spawn)
      const publicKey = await readKey(flags.key === undefined ? updateKeyFile() : resolvePath(flags.key), flags.key !== undefined)
      const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
      const { accepted, verdicts } = await withProgress(terminal, 'Interrupted; nothing was changed.', async (progress, signal) => {
        const late = (): AppError =>
          new AppError('catalogue-unreachable', `${flags.from} does not answer in time. Check the network and the proxy settings.`)
        const fetch = createHubFetch(await readHubSettings(process.env))
        const { bytes, signature } = await withinTime(
          (inTime) => fetchCatalogue(flags.from, fetch, inTime),
          FETCH_LIMIT_MS,
          late,
          systemClock,
          signal,
        )
        verifyCatalogue(bytes, signature, publicKey)
        const { serial } = await readAcceptedCatalogue(dataDir)
        const judged = await judgeCatalogue(bytes, serial, {
          builtInFamilies: MODEL_FAMILIES,
          builtInCards: await readBuiltInCards(),
          checkFamily: (family) => checkFamilyHere(family, { host, clock: systemClock, log }, signal),
        })
        signal.throwIfAborted()
        await writeAcceptedCatalogue(dataDir, judged.accepted)
        progress.end()
        return judged
      })
      if (flags.json) return terminal.line(JSON.stringify({ serial: accepted.serial, entries: verdicts }, null, 2))
      const rows = verdicts.map(({ kind, name, refusal }) => [kind, name, refusal === null ? 'added' : `refused: ${refusal}`])
      terminal.line(`Catalogue ${accepted.serial}: ${accepted.families.length} families and ${accepted.cards.length} cards are in use.`)
      if (rows.length > 0) terminal.line(formatTable([['', 'NAME', 'RESULT'], ...rows]))
      if (await findOwnNode(dataDir)) terminal.line('A node is running: it uses them from its next start on.')
    })
}

/** @throws AppError `catalogue-key-missing` */
async function readKey(path: string, isGiven: boolean): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const message = isGiven
      ? `The key ${path} cannot be read. Check the path given with --key.`
      : "This build of exo has no publisher's key. Give the public key of the catalogue's publisher with --key FILE.pem."
    throw new AppError('catalogue-key-missing', message, { path }, cause)
  })
}
