import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector of OpenTelemetry that takes everything by OTLP over HTTP. */
export interface Collector {
  readonly url: string
  /** All messages to a path so far, as their text. */
  received(path: string): string
  close(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const messages = new Map<string, string>()
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const path = request.url ?? ''
      messages.set(path, `${messages.get(path) ?? ''}${text}\n`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => messages.get(path) ?? '',
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
