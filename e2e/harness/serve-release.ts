import { once } from 'node:events'
import { readFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'

/** What happens to an archive in the middle of its download. */
type DownloadFault = 'none' | 'cut' | 'stall'

/** A server that publishes the files of one folder. */
export interface ReleaseServer {
  readonly url: string
  /** Publishes the files of this folder from now on. */
  publish(release: string, fault?: DownloadFault): void
  /** How many downloads have reached the point of their fault. */
  faults(): number
  stop(): Promise<void>
}

export async function serveRelease(): Promise<ReleaseServer> {
  let [folder, fault, faults]: [string, DownloadFault, number] = ['', 'none', 0]
  const server = createServer((request, response) => {
    const file = join(folder, basename(new URL(request.url ?? '/', 'http://release').pathname))
    if (!existsSync(file)) return void response.writeHead(404).end()
    const content = readFileSync(file)
    response.writeHead(200, { 'content-length': content.length })
    if (fault === 'none' || !file.endsWith('.tar.gz')) return void response.end(content)
    response.write(content.subarray(0, content.length / 2), () => {
      faults += 1
      if (fault === 'cut') response.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish: (release, nextFault = 'none') => {
      folder = release
      fault = nextFault
      faults = 0
    },
    faults: () => faults,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
