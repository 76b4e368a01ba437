import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createApi } from '../api/create-api.ts'
import { toClusterView } from '../domain/cluster/cluster-view.ts'
import { openIdentity } from '../cluster/identity/open-identity.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../models/store/import-default-model.ts'
import { createModelStore } from '../models/store/model-store.ts'
import { openTokenizer } from '../models/tokenizer/open-tokenizer.ts'
import { systemClock } from '../platform/clock.ts'
import { createLog, type Log } from '../platform/log.ts'
import { readMemory } from '../platform/memory.ts'
import { systemRandom } from '../platform/random.ts'
import { createRouter } from '../router/create-router.ts'
import { AppError } from '../shared/app-error.ts'
import type { ClusterView } from '../shared/cluster-view.ts'
import { MODEL_FAMILIES } from '../shared/model-families.ts'
import { PlacementRequest } from '../shared/placement.ts'
import { version } from '../shared/version.ts'
import { startWorker } from '../worker/supervisor/start-worker.ts'
import { createClusterPort } from './cluster-port.ts'
import { DaemonConfig, type DaemonOptions } from './config.ts'
import type { Daemon, DaemonHost } from './daemon.ts'
import { loadInitialModels } from './initial-models.ts'
import { createInstances } from './instances.ts'
import { localNodeFacts } from './local-node.ts'
import { listModels } from './list-models.ts'
import { ModelTokenizers } from './model-tokenizers.ts'
import { claimDataDir, readNodeFile, releaseDataDir, alreadyRunning } from './node-file.ts'
import { ShardHost } from './shard-host.ts'
import { shardSpec } from './shard-spec.ts'
import { createSoloCluster } from './solo-cluster.ts'
import { type ActivityLog, findIdleInstances } from './find-idle-instances.ts'

/**
 * Builds a node and starts it: the API answers when this resolves, models may still be loading.
 *
 * @throws AppError `already-running` | `port-in-use` | `identity-damaged` | …
 */
export async function startDaemon(options: DaemonOptions, host: DaemonHost): Promise<Daemon> {
  const config = DaemonConfig.parse(options)
  const running = await readNodeFile(config.dataDir)
  if (running) throw alreadyRunning(config.dataDir, running)

  const stopping = new AbortController()
  /** In the order of starting; stopped from the last to the first. */
  const stops: (() => Promise<void>)[] = []
  const stop = async (log: Log): Promise<void> => {
    stopping.abort(new AppError('cancelled', 'The node is stopping.'))
    for (const step of stops.splice(0).reverse()) await step().catch((error: unknown) => log.error('stopping failed', { error }))
  }

  const log = createLog({ level: config.logLevel, format: config.logFormat, write: (line) => void process.stderr.write(line) })
  const clock = systemClock
  const random = systemRandom
  try {
    const identity = await openIdentity(config.dataDir, { log, random })
    const { nodeId } = identity
    const store = createModelStore({ modelsDir: join(config.dataDir, 'models'), cards: await readModelCards(join(host.assetsDir, 'model-cards')), knownFamilies: MODEL_FAMILIES })

    const tokenizers = new ModelTokenizers((modelDir) => openTokenizer(modelDir, { threadEntry: host.tokenizerEntry }, stopping.signal), log)
    stops.push(() => tokenizers.close())

    const cluster = createSoloCluster(() => random.id('instance'))
    const availableBytes = async (): Promise<number> => Math.min(config.maxMemoryBytes ?? Number.MAX_SAFE_INTEGER, (await readMemory()).availableBytes)

    const shards: ShardHost = new ShardHost({
      nodeId,
      log,
      prepareModel: async ({ instance }) => (await store.resolve(instance.card.modelId)).modelDir,
      reservePort: async () => null,
      environment: async () => ({}),
      shardSpec: async ({ instance, shard }, modelDir) =>
        shardSpec(instance.card, instance.placement, shard, modelDir, { availableBytes: await availableBytes(), cores: availableParallelism(), ranksHere: 1, hasGpu: process.platform === 'darwin' }),
      startWorker: (label, environment, signal) =>
        startWorker(
          { label, entry: host.workerEntry, environment: { EXO_NATIVE_ADDON: host.nativeAddon, ...environment } },
          { spawn: host.spawn, clock, log, countOutOfMemoryKills: async () => null },
          signal,
        ),
      onChange: () => report(),
      onProgress: (label, doneBytes, totalBytes) => host.onProgress({ label, doneBytes, totalBytes }),
      onStepsBegin: () => undefined,
    })
    stops.push(() => shards.stop())
    cluster.onState((state) => {
      shards.update(state)
      const dirs = Object.values(state.instances).map((instance) => store.resolve(instance.card.modelId).then(({ modelDir }) => modelDir, () => ''))
      void Promise.all(dirs).then((inUse) => tokenizers.keepOnly(new Set(inUse)))
    }, stopping.signal)

    const defaultRequest = PlacementRequest.parse({ strategy: config.strategy, backend: config.backend, minNodes: config.minNodes, contextTokens: config.contextTokens })
    const instances = createInstances({
      cluster,
      defaultRequest,
      card: async (modelId) => (await store.resolve(modelId)).card,
      tokenizer: async (modelId) => tokenizers.get((await store.resolve(modelId)).modelDir),
      generate(instance, generation, signal) {
        const ready = shards.ready(instance.instanceId)
        if (ready?.epoch !== instance.epoch) throw new AppError('worker-died', 'The model is being loaded again.', { instanceId: instance.instanceId })
        return ready.worker.generate(generation, signal)
      },
    })
    const router = createRouter({ models: { resolve: (name) => store.resolve(name) }, instances, clock, random, log })

    const api = await createApi(
      {
        inference: router,
        models: { list: () => listModels(store, cluster.state()) },
        cluster: createClusterPort({ nodeId, cluster, store, defaultRequest, view: () => view(), signal: stopping.signal }),
        clock,
        newId: () => random.id('request'),
        log,
      },
      { version, apiToken: config.apiToken },
    )
    stops.push(() => api.close())
    const address = await api.listen({ host: config.host, port: config.port })
    const apiUrl = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${address.port}`
    await claimDataDir(config.dataDir, { processId: process.pid, nodeId, version, apiUrl, apiToken: config.apiToken })
    stops.push(() => releaseDataDir(config.dataDir))

    const memory = await readMemory()
    const node = localNodeFacts({ nodeId, totalBytes: memory.totalBytes, maxMemoryBytes: config.maxMemoryBytes, apiPort: address.port, peerPort: 0 })
    const report = (): void => cluster.report({ node, links: [], shards: shards.reports(), storedModels: [] })
    report()
    let lastAvailableBytes = await availableBytes()
    clock.every(2_000, () => void availableBytes().then((bytes) => (lastAvailableBytes = bytes)), stopping.signal)
    const view = (): ClusterView =>
      toClusterView(
        cluster.state(),
        { nodeId, clusterName: config.clusterName, leader: { nodeId, term: 1 } },
        {
          availableBytes: { [nodeId]: lastAvailableBytes },
          rates: Object.fromEntries(shards.stats().map(({ instanceId, stats }) => [instanceId, stats])),
          downloads: [],
        },
      )

    const ready = loadInitialModels({
      requested: config.models,
      loadDefaultModel: config.loadDefaultModel,
      hasOtherModels: async () => (await store.list()).models.some((model) => model.modelId !== DEFAULT_MODEL_ID),
      importDefaultModel: async () =>
        (await importDefaultModel(store, host.defaultModelFile, { signal: stopping.signal, onProgress: (doneBytes, totalBytes) => host.onProgress({ label: 'Importing the default model', doneBytes, totalBytes }) })).modelId,
      resolve: async (name) => (await store.resolve(name)).modelId,
      load: (modelId) => instances.load(modelId, defaultRequest, true, stopping.signal),
      now: () => clock.now(),
    })
    let activity: ActivityLog = new Map()
    clock.every(
      10_000,
      () => {
        const found = findIdleInstances(cluster.state(), shards.stats(), activity, clock.now(), config.idleUnloadMs)
        activity = found.activity
        for (const instanceId of found.idle) {
          log.info('unloading an idle model', { instanceId })
          cluster.remove(instanceId, 'it was idle', stopping.signal).catch((error: unknown) => log.error('unloading failed', { instanceId, error }))
        }
      },
      stopping.signal,
    )
    return { nodeId, name: node.name, apiUrl, ready, failed: new Promise(() => undefined), stop: () => stop(log) }
  } catch (error) {
    await stop(log)
    throw error
  }
}
