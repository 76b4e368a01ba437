import { readFile, realpath } from 'node:fs/promises'
import type { Command } from 'commander'
import { type Installation, installationOf, updateAdvice } from '../../domain/installation/installation.ts'
import { createHubFetch, type HubFetch } from '../../models/hub/create-hub-fetch.ts'
import { readHubSettings } from '../../models/hub/hub-settings.ts'
import { openPublished } from '../../models/hub/open-published.ts'
import { readWithin } from '../../models/hub/read-within.ts'
import { findOwnNode } from '../../node/files/node-file.ts'
import { systemClock } from '../../platform/clock.ts'
import { type VerifiedUpdate, verifyUpdate } from '../../platform/files/update-signature.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import { compareVersions } from '../../shared/formats/compare-versions.ts'
import { version } from '../../shared/version.ts'
import { dataDirOf, type DataDirFlags, dataDirOption } from '../node-options.ts'
import { buildFacts, productDir, updateKeyFile } from '../process-host.ts'
import type { Terminal } from '../terminal.ts'
import { withProgress } from '../with-progress.ts'
import { installVersion } from './install-version.ts'
import { removeLeftScratchFolders } from './scratch-folders.ts'

/** The publisher's signed list of the newest version's archives. */
const FEED_NAME = 'latest-headless.json'
const MOST_FEED_BYTES = 64 << 10
const FEED_LIMIT_MS = 60_000

/** `exo update`. */
export function addUpdateProgramCommand(program: Command, terminal: Terminal): void {
  program
    .command('update')
    .description("install the newest version of exo, after a check of its publisher's signature")
    .option('--check', 'only say whether there is a newer version')
    .option('--from <address>', 'the folder of a release (https), if this build names none')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { check?: true; from?: string }) => {
      const build = buildFacts()
      const installation = installationOf(await realpath(productDir()), build !== null)
      const feed = flags.from ?? build?.updateFeed
      if (feed === undefined || !build) throw unsupported(installation, 'This build of exo names no place for updates.')
      const { target } = build
      // Without permission to write there, the update itself says so.
      if (installation.kind === 'archive' && flags.check !== true)
        await removeLeftScratchFolders(installation.versionsDir).catch(() => undefined)
      const fetch = createHubFetch(await readHubSettings(process.env))
      const isDone = await withProgress(terminal, 'Interrupted; the installed version is unchanged.', async (progress, signal) => {
        const offered = await withinTime(
          (inTime) => readFeed(feed, fetch, inTime),
          FEED_LIMIT_MS,
          () => unreachable(feed, 'it does not answer in time'),
          systemClock,
          signal,
        )
        const order = compareVersions(offered.version, version)
        if (order === null || order <= 0) {
          terminal.line(`exo ${version} is the newest version.`)
          return false
        }
        terminal.line(`exo ${offered.version} is available; this is ${version}.`)
        if (flags.check === true) return false
        if (installation.kind !== 'archive') throw unsupported(installation, '')
        const archive = offered.files.find(({ url }) => url === `exo-${offered.version}-${target}.tar.gz`)
        if (!archive) throw unreachable(feed, `version ${offered.version} has no archive for ${target}`)
        const body = await openPublished(besideFeed(feed, archive.url), fetch, unreachable, signal)
        await installVersion(
          installation.versionsDir,
          { version: offered.version, body: body ?? emptyBody(), sha512: archive.sha512 },
          (bytes) => progress.update(`Downloading exo ${offered.version}`, bytes, Math.max(bytes, archive.size ?? 0)),
          signal,
        )
        return true
      })
      if (!isDone) return
      terminal.line('Installed.')
      if (await findOwnNode(dataDirOf(program, flags)))
        terminal.line('A node is running: restart it to use the new version. A service: exo service stop, exo service start')
    })
}

async function readFeed(feed: string, fetch: HubFetch, signal: AbortSignal): Promise<VerifiedUpdate> {
  const key = await readFile(updateKeyFile(), 'utf8').catch((cause: unknown) => {
    throw new AppError('update-not-signed', "This build has no publisher's key with which to check updates. Install a release.", {}, cause)
  })
  const bytes = await readWithin(await openPublished(besideFeed(feed, FEED_NAME), fetch, unreachable, signal), MOST_FEED_BYTES)
  if (!bytes) throw unreachable(feed, 'the list of versions is too long')
  let update: unknown
  try {
    update = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw unreachable(feed, 'the list of versions is not JSON', cause)
  }
  return verifyUpdate(update, key)
}

const besideFeed = (feed: string, name: string): string => `${feed.replace(/\/+$/, '')}/${name}`

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

function unsupported(installation: Installation, why: string): AppError {
  const advice = installation.kind === 'archive' ? 'Download a release and run its install.sh.' : updateAdvice(installation.kind)
  return new AppError('update-unsupported', `${why} ${advice}`.trim(), { kind: installation.kind })
}

function unreachable(address: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'update-unreachable',
    `Updates cannot be read from ${address}: ${why}. Check the network, or give the address of a release: exo update --from ADDRESS`,
    { address },
    cause,
  )
}
