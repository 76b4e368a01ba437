import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signUpdate } from '../../main/platform/files/update-signature.ts'

/** Where packages look for a newer version of themselves. */
export interface UpdateFeed {
  readonly url: string
  /** The public half of the key that signs what it offers. */
  readonly publicKeyPem: string
  /** From now on it offers this. */
  offer(release: OfferedRelease): void
  stop(): Promise<void>
}

export interface OfferedRelease {
  readonly version: string
  readonly content: string
  /** What it says that the file is; undefined: what it is. */
  readonly announcedContent?: string
  /** Signed with another key than the one that the package checks with. */
  readonly isOfOthers?: boolean
}

/** A feed as electron-builder's provider `generic` has it: a file that describes the newest release, and that release. */
export async function startUpdateFeed(first: OfferedRelease): Promise<UpdateFeed> {
  let offered = first
  const files: Readonly<Record<string, () => string>> = { '/latest-linux.yml': () => describe(offered), [FILE]: () => offered.content }
  const server = createServer((request, response) => {
    const file = files[new URL(request.url ?? '/', 'http://feed').pathname]
    response.writeHead(file ? 200 : 404).end(file?.())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    publicKeyPem: makers.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    offer: (release) => void (offered = release),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const makers = generateKeyPairSync('ed25519')
const others = generateKeyPairSync('ed25519')
const FILE = '/exo.AppImage'

function describe({ version, content, announcedContent = content, isOfOthers = false }: OfferedRelease): string {
  const sha512 = createHash('sha512').update(announcedContent).digest('base64')
  const update = { version, files: [{ url: FILE.slice(1), sha512 }] }
  return [
    `version: ${version}`,
    'files:',
    `  - url: ${FILE.slice(1)}`,
    `    sha512: ${sha512}`,
    `    size: ${Buffer.byteLength(content)}`,
    `path: ${FILE.slice(1)}`,
    `sha512: ${sha512}`,
    "releaseDate: '2026-01-01T00:00:00.000Z'",
    `signature: ${signUpdate(update, (isOfOthers ? others : makers).privateKey)}`,
    '',
  ].join('\n')
}
