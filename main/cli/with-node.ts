import { DaemonConfig, type DaemonOptions } from '../daemon/config.ts'
import type { DaemonHost } from '../daemon/daemon.ts'
import { readNodeFile } from '../daemon/node-file.ts'
import { startDaemon } from '../daemon/start-daemon.ts'
import { createNodeClient, type NodeClient } from './node-client.ts'
import type { Terminal } from './terminal.ts'

/** Calls `use` with the node that runs with this data folder or, without one, with a node started for the occasion. */
export async function withNode<Result>(
  options: DaemonOptions,
  host: Omit<DaemonHost, 'onProgress'>,
  terminal: Terminal,
  use: (client: NodeClient) => Promise<Result>,
): Promise<Result> {
  const running = await readNodeFile(options.dataDir)
  if (running) return use(createNodeClient(running.apiUrl, running.apiToken))
  const progress = terminal.progress()
  const config = DaemonConfig.parse({ ...options, port: 0, mdns: false, broadcast: false, loadDefaultModel: false, models: [], logLevel: 'error' })
  const daemon = await startDaemon(config, { ...host, onProgress: ({ label, doneBytes, totalBytes }) => progress.update(label, doneBytes, totalBytes) })
  try {
    return await use(createNodeClient(daemon.apiUrl, daemon.apiToken))
  } finally {
    progress.end()
    await daemon.stop()
  }
}
