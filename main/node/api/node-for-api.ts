import { join } from 'node:path'
import type { NodePort } from '../../api/api-dependencies.ts'
import { runDoctor } from '../../diagnostics/run-doctor.ts'
import { createSystemProbes } from '../../diagnostics/system-probes.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import type { Clock } from '../../platform/clock.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import { NodeId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import type { SettingsAnswer } from '../../shared/wire/api/node-settings.ts'
import type { ClusterMembership } from '../member/cluster-membership.ts'
import type { SettingsStore } from '../files/node-settings.ts'
import { networkUrls } from './network-urls.ts'
import { ownNodeProof } from '../files/own-node-key.ts'

export interface NodePortDependencies {
  readonly membership: ClusterMembership
  readonly settings: SettingsStore
  readonly store: Pick<ModelStore, 'list'>
  readonly hardware: { facts(): HardwareFacts }
  readonly clock: Clock
  readonly dataDir: string
  readonly modelCacheDir: string
  readonly maxMemoryBytes: number | null
  readonly api: () => { readonly host: string; readonly port: number }
  readonly exposure: () => Exposure
  /** The key that programs on this machine use to verify the node. */
  readonly ownKey: string
}

/** The HTTP API's access to this machine and its settings. */
export function createNodeForApi(dependencies: NodePortDependencies, signal: AbortSignal): NodePort {
  const { membership, settings, store, hardware, clock, dataDir, modelCacheDir, maxMemoryBytes } = dependencies
  const answer = (): SettingsAnswer => ({
    chosen: settings.current().machine,
    hasHubToken: settings.current().hubToken !== null,
    inUse: {
      port: dependencies.api().port,
      peerPort: membership.member().peerPort(),
      maxMemoryBytes,
      modelCacheDir,
      dataDir,
      isOnNetwork: !isLoopbackHost(dependencies.api().host),
      networkUrls: networkUrls(dependencies.api(), hardware.facts().interfaces),
    },
  })
  const byNode = <Value>(record: Readonly<Record<string, Value>>): ReadonlyMap<NodeId, Value> =>
    new Map(Object.entries(record).map(([nodeId, value]) => [NodeId.parse(nodeId), value]))
  return {
    settings: answer,
    prove: (challenge, port) => ownNodeProof(dependencies.ownKey, challenge, port),
    async changeSettings({ hubToken, ...part }) {
      const named = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))
      await settings.change({
        machine: { ...settings.current().machine, ...named },
        ...(hubToken !== undefined && { hubToken }),
      })
      return answer()
    },
    /** The doctor starts programs and sends packets, so concurrent callers share one result. */
    doctor: oneAtATime(async () => {
      const { checks } = await runDoctor(
        {
          clock,
          system: createSystemProbes(process.platform, createRunCommand()),
          readHardware: async () => hardware.facts(),
          node: {
            view: async () => membership.member().view(),
            hardware: async () => byNode(membership.member().diagnostics().hardware),
            exposure: async () => dependencies.exposure(),
            clockSkewMs: async () => byNode(membership.member().diagnostics().clockSkewMs),
            sameIdentity: async () => membership.member().diagnostics().sameIdentity,
          },
          discoverPeers: null,
          async storedModels() {
            const { models, damaged } = await store.list()
            return [
              ...models.map(({ modelId }) => ({ modelId, problem: null })),
              ...damaged.map(({ modelId, code, message }) => ({ modelId, problem: { code, message } })),
            ]
          },
        },
        {
          version,
          dataDir,
          modelDir: join(dataDir, 'models'),
          identityFile: join(dataDir, 'identity.pem'),
          api: dependencies.api(),
          peerPort: membership.member().peerPort(),
        },
        signal,
      )
      return { checks: checks.map((check) => ({ ...check })) }
    }),
  }
}

function oneAtATime<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | null = null
  return () => (running ??= work().finally(() => (running = null)))
}
