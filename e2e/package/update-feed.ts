import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signUpdate } from '../../main/platform/files/update-signature.ts'

/** A server at which packages look for newer versions. */
export interface UpdateFeed {
  readonly url: string
  /** The public half of the key that signs its releases. */
  readonly publicKeyPem: string
  /** Offers this release from now on. */
  offer(release: OfferedRelease): void
  stop(): Promise<void>
}

export interface OfferedRelease {
  readonly version: string
  readonly content: string
  /** The content that the feed describes; undefined: the real one. */
  readonly announcedContent?: string
  /** Whether it is signed with a key that the package does not trust. */
  readonly isOfOthers?: boolean
}

/** Starts a feed for electron-builder's provider `generic`: a file that describes the newest release, and that release. */
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
