import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { claimDataDir } from '../../node/files/node-file.ts'
import { ownNodeKey, ownNodeProof } from '../../node/files/own-node-key.ts'
import { systemRandom } from '../../platform/random.ts'

/** The body of the node's answer, or an error in the API's format. */
export type RouteAnswer = { readonly body: unknown } | { readonly status: number; readonly code: string; readonly message: string }

export interface AnsweringNode extends AsyncDisposable {
  /** The requests of the command: `POST /cluster/admit {"name":"a"}`. The proof that this is the folder's node is left out. */
  readonly asked: string[]
}

/** A server that claims to be the node of a data folder, proves it like a node, and gives the configured answers. */
export async function startAnsweringNode(dataDir: string, answers: Readonly<Record<string, RouteAnswer>>): Promise<AnsweringNode> {
  const key = await ownNodeKey(dataDir, systemRandom, { warn: () => undefined })
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://node.test')
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (url.pathname === '/node/proof') {
      const { port } = server.address() as AddressInfo
      return send(200, { proof: ownNodeProof(key, url.searchParams.get('challenge') ?? '', port) })
    }
    let sent = ''
    request.setEncoding('utf8').on('data', (text: string) => (sent += text))
    request.on('end', () => {
      const route = `${request.method} ${request.url}`
      asked.push(sent === '' ? route : `${route} ${sent}`)
      const answer = answers[route]
      if (answer && 'body' in answer) return send(200, answer.body)
      const { status, code, message } = answer ?? { status: 404, code: 'not-found', message: `Nothing answers ${route}.` }
      send(status, { error: { message, type: 'invalid_request_error', param: null, code } })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await claimDataDir(dataDir, {
    processId: process.pid,
    nodeId: 'a'.repeat(32),
    version: '0.0.0',
    apiUrl: `http://127.0.0.1:${port}`,
    apiToken: 'secret',
  })
  return {
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
