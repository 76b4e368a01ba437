import { NodeConfig, type NodeOptions } from '../node/config/node-config.ts'
import type { NodeHost } from '../node/config/node-host.ts'
import { readNodeFile } from '../node/files/node-file.ts'
import { startNode } from '../node/start-node.ts'
import { importEmbeddedModel } from './import-embedded-model.ts'
import { createNodeClient, type NodeClient } from './node-client.ts'
import type { Terminal } from './terminal.ts'

/** Calls `use` with the running node of this data folder, or with a temporary one that has the embedded model if `models` name it. */
export async function withNode<Result>(
  options: NodeOptions,
  host: Omit<NodeHost, 'onProgress'>,
  terminal: Terminal,
  models: readonly string[],
  use: (client: NodeClient) => Promise<Result>,
): Promise<Result> {
  const running = await readNodeFile(options.dataDir)
  if (running) return use(createNodeClient(running.apiUrl, running.apiToken))
  const progress = terminal.progress()
  await importEmbeddedModel(models, options.dataDir, (doneBytes, totalBytes) =>
    progress.update('Importing the default model', doneBytes, totalBytes),
  )
  const config = NodeConfig.parse({
    ...options,
    port: 0,
    mdns: false,
    broadcast: false,
    loadDefaultModel: false,
    models: [],
    logLevel: 'error',
  })
  const node = await startNode(config, {
    ...host,
    onProgress: ({ label, doneBytes, totalBytes }) => progress.update(label, doneBytes, totalBytes),
  })
  try {
    return await use(createNodeClient(node.apiUrl, node.apiToken))
  } finally {
    progress.end()
    await node.stop()
  }
}
