import type { StartedNode, NodeHost, NodeProgress } from '../../node/config/node-host.ts'
import { wasStartedByPerson } from '../../platform/processes/start-cause.ts'
import { startNode } from '../../node/start-node.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import type { NodeOptions } from '../../node/config/node-config.ts'
import { systemClock } from '../../platform/clock.ts'
import { version } from '../../shared/version.ts'
import type { Terminal } from '../terminal.ts'
import { interruption } from '../interruption.ts'
import { restartOf } from '../last-resort.ts'
import { watchFaults } from '../watch-faults.ts'

/** How long service managers wait for a program to stop. */
const DRAIN_MS = 30_000

/** `exo`: runs a node until it is asked to stop. */
export async function start(options: NodeOptions, host: Omit<NodeHost, 'onProgress'>, terminal: Terminal): Promise<void> {
  const progress = terminal.progress()
  const onProgress = ({ label, doneBytes, totalBytes }: NodeProgress): void => progress.update(label, doneBytes, totalBytes)
  let isTerminated = false
  const interrupted = interruption().then((signal) => void (isTerminated = signal === 'SIGTERM'))
  const resort = watchFaults(options)
  const { delayMs, port } = restartOf(process.env)
  await systemClock.sleep(delayMs)
  const asked = { ...options, isStartedByPerson: wasStartedByPerson(process.env) }
  const node = await startNode(options.port === 0 && port !== null ? { ...asked, port } : asked, { ...host, onProgress })
  resort.port = Number(new URL(node.apiUrl).port)
  try {
    progress.end()
    terminal.line(banner(node, options))
    const reportModels = node.ready.then(
      (models) => {
        progress.end()
        for (const { modelId, loadMs, stepsDown } of models) {
          terminal.line(`Model      ${modelId}  ready in ${(loadMs / 1000).toFixed(1)} s`)
          for (const stepDown of stepsDown) terminal.line(`           ${stepDown}`)
        }
        if (models.length === 0) terminal.line('Model      none loaded; a model loads on its first request')
      },
      (error: unknown) => {
        progress.end()
        throw error
      },
    )
    await Promise.race([interrupted, node.failed, reportModels.then(() => Promise.race([interrupted, node.failed]))])
  } finally {
    resort.isStopping = true
    progress.end()
    await node.stop({ drainMs: isTerminated ? DRAIN_MS : 0 })
  }
}

const ADMISSION: Readonly<Record<StartedNode['cluster']['admission'], string>> = {
  members: 'closed. Machines that you start now join automatically; admit later ones with exo admit NAME',
  key: 'machines that have its key can join',
  open: 'open, any exo on this network can join. To close it, start without --open',
}

function banner(node: StartedNode, { host, asksForToken }: NodeOptions): string {
  const isUnguarded = asksForToken === false && host != null && !isLoopbackHost(host)
  return [
    `exo ${version}  node ${node.name} (${node.nodeId.slice(0, 12)})`,
    `API        ${node.apiUrl}/v1`,
    `Dashboard  ${node.apiUrl}/dashboard`,
    ...(node.isTokenMade
      ? [`Token      ${node.apiToken}`, '           as "Authorization: Bearer TOKEN"; create others with exo tokens new NAME']
      : []),
    ...(isUnguarded ? ['Token      none (--no-token): anyone who can reach this address has full access'] : []),
    `Cluster    ${node.cluster.clusterName}: ${ADMISSION[node.cluster.admission]}`,
  ].join('\n')
}
