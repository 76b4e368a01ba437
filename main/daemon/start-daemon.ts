import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createApi } from '../api/create-api.ts'
import { openIdentity } from '../cluster/identity/open-identity.ts'
import { createHardwareReader } from '../discovery/hardware/create-hardware-reader.ts'
import { probeHardware } from '../discovery/hardware/probe-hardware.ts'
import { stepsDown } from '../domain/cluster/cluster-view.ts'
import { openHistory } from '../history/open-history.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../models/store/import-default-model.ts'
import { openHub } from '../models/hub/open-hub.ts'
import { createModelStore } from '../models/store/model-store.ts'
import { systemClock } from '../platform/clock.ts'
import { createLog } from '../platform/log.ts'
import { systemRandom } from '../platform/random.ts'
import { createRouter } from '../router/create-router.ts'
import type { InferenceRecord } from '../router/router.ts'
import { AppError } from '../shared/app-error.ts'
import type { HardwareFacts } from '../shared/hardware.ts'
import type { InstanceId } from '../shared/ids.ts'
import { MODEL_FAMILIES } from '../shared/model-families.ts'
import { PlacementRequest } from '../shared/placement.ts'
import { version } from '../shared/version.ts'
import { createClusterPort } from './cluster-port.ts'
import { DaemonConfig, type DaemonOptions } from './config.ts'
import type { Daemon, DaemonHost } from './daemon.ts'
import { type ActivityLog, findIdleInstances } from './find-idle-instances.ts'
import { loadInitialModels } from './initial-models.ts'
import { listModels } from './list-models.ts'
import { alreadyRunning, claimDataDir, readNodeFile, releaseDataDir } from './node-file.ts'
import { startClusterMember } from './start-cluster-member.ts'
import { toHistoryEntry } from './to-history-entry.ts'
import { createTrifurcation } from './trifurcation.ts'

const IDLE_CHECK_MS = 10_000
const FIRST_FACTS_LIMIT_MS = 10_000
/** Where memory is short, an instance that nobody gave a context gets less, down to this. */
const LEAST_CONTEXT_TOKENS = 512

/**
 * Builds a node and starts it: the API answers when this resolves, models may still be loading.
 *
 * @throws AppError `already-running` | `port-in-use` | `identity-damaged` | …
 */
export async function startDaemon(options: DaemonOptions, host: DaemonHost): Promise<Daemon> {
  const config = DaemonConfig.parse(options)
  const running = await readNodeFile(config.dataDir)
  if (running) throw alreadyRunning(config.dataDir, running)

  const clock = systemClock
  const random = systemRandom
  const log = createLog({ level: config.logLevel, format: config.logFormat, write: (line) => void process.stderr.write(line) })
  const stopping = new AbortController()
  const { signal } = stopping
  /** In the order of starting; run from the last to the first. */
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    stopping.abort(new AppError('cancelled', 'The node is stopping.'))
    for (const step of stops.splice(0).reverse()) await step().catch((error: unknown) => log.error('stopping failed', { error }))
  }
  try {
    const identity = await openIdentity(config.dataDir, { log, random })
    const cards = await readModelCards(join(host.assetsDir, 'model-cards'))
    const hub = await openHub({ cards, knownFamilies: MODEL_FAMILIES, clock, random })
    const store = createModelStore({ modelsDir: join(config.dataDir, 'models'), hubCacheDir: hub.settings.cacheDir, cards, knownFamilies: MODEL_FAMILIES })
    const hardware = await watchHardware()

    const member = await startClusterMember({ config, host, identity, store, hub, hardware, clock, random, log, cores: availableParallelism() }, signal)
    stops.push(() => member.stop())
    const defaultRequest = PlacementRequest.parse({
      strategy: config.strategy,
      backend: config.backend,
      minNodes: config.minNodes,
      contextTokens: config.contextTokens ?? 8192,
      ...(config.contextTokens === null ? { minContextTokens: LEAST_CONTEXT_TOKENS } : {}),
    })
    const { control, models } = member
    const instances = member.instances(defaultRequest)
    const history = await openHistory(
      { dir: join(config.dataDir, 'history'), nodeId: identity.nodeId, extensionFile: host.ducklakeFile, entry: host.historyEntry, processId: process.pid, isGone: (processId) => processId !== process.pid },
      { spawn: host.spawn, clock, random, log },
    )
    stops.push(() => history.stop())
    const onInferenceEnd = (record: InferenceRecord): void => history.append(toHistoryEntry(record, control.state()))
    const router = createRouter({ models, instances, clock, random, log, onInferenceEnd })
    const api = await createApi(
      {
        inference: router,
        history,
        models: { list: () => listModels(store, control.state()) },
        downloads: member.downloads,
        cluster: createClusterPort({ nodeId: identity.nodeId, control, models, defaultRequest, view: member.view, topology: member.topology, peers: member.peers, diagnostics: member.diagnostics, signal }),
        trifurcation: createTrifurcation({ control, card: (model, cardSignal) => models.card(model, cardSignal), topology: member.topology, defaultRequest, random }),
        clock: { now: () => clock.epochMs() },
        newId: () => Buffer.from(random.bytes(16)).toString('hex'),
        log,
      },
      { version, apiToken: config.apiToken, dashboardDir: host.dashboardDir },
    )
    stops.push(() => api.close())
    const { port } = await api.listen({ host: config.host, port: config.port })
    member.setApiPort(port)
    const apiUrl = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
    await claimDataDir(config.dataDir, { processId: process.pid, nodeId: identity.nodeId, version, apiUrl, apiToken: config.apiToken })
    stops.push(() => releaseDataDir(config.dataDir))
    unloadIdle()

    const ready = loadInitialModels({
      requested: config.models,
      loadDefaultModel: config.loadDefaultModel,
      hasOtherModels: async () => (await store.list()).models.some((model) => model.isOurs && model.modelId !== DEFAULT_MODEL_ID),
      importDefaultModel: async () => {
        const onProgress = (doneBytes: number, totalBytes: number): void => host.onProgress({ label: 'Importing the default model', doneBytes, totalBytes })
        return (await importDefaultModel(store, host.defaultModelFile, { signal, onProgress })).modelId
      },
      resolve: async (name) => (await models.resolve(name, signal)).modelId,
      load: async (modelId) => ({ stepsDown: stepsDown((await instances.load(modelId, defaultRequest, true, signal)).placement) }),
      onDefaultFailed: (error) => log.error('the default model could not be loaded; the next request tries again', { error }),
      now: () => clock.now(),
      sleep: (durationMs) => clock.sleep(durationMs, signal),
    })
    return { nodeId: identity.nodeId, name: hardware.facts().name, apiUrl, ready, failed: new Promise(() => undefined), stop }

    function unloadIdle(): void {
      let activity: ActivityLog = new Map()
      const unload = async (instanceId: InstanceId): Promise<void> => {
        log.info('unloading an idle model', { instanceId })
        await control.remove(instanceId, 'it was idle', signal)
      }
      const check = (): void => {
        const found = findIdleInstances(control.state(), member.stats(), activity, clock.now(), config.idleUnloadMs)
        activity = found.activity
        for (const instanceId of found.idle) unload(instanceId).catch((error: unknown) => log.error('unloading failed', { instanceId, error }))
      }
      clock.every(IDLE_CHECK_MS, check, signal)
    }
  } catch (error) {
    await stop()
    throw error
  }

  async function watchHardware(): Promise<{ facts(): HardwareFacts; onFacts(listener: () => void): void }> {
    let facts: HardwareFacts | null = null
    const listeners: (() => void)[] = []
    const first = new Promise<HardwareFacts>((resolve, reject) => {
      const onFacts = (next: HardwareFacts): void => {
        facts = next
        resolve(next)
        for (const listener of listeners) listener()
      }
      probeHardware({ reader: createHardwareReader(config.hardwareFile), clock, log, onFacts }, signal).catch(reject)
      clock.sleep(FIRST_FACTS_LIMIT_MS, signal).then(() => reject(new AppError('hardware-unread', 'This machine does not say how much memory it has.')), reject)
    })
    const known = await first
    return { facts: () => facts ?? known, onFacts: (listener) => void listeners.push(listener) }
  }
}
