import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { createApi } from '../api/create-api.ts'
import { AdmitWindow } from '../cluster/admission/admit-window.ts'
import type { KnockPath } from '../cluster/pairing/knock-path.ts'
import { openIdentity } from '../cluster/identity/open-identity.ts'
import { hostOf } from '../cluster/link/dialing/host-of.ts'
import { PairingDesk } from '../cluster/pairing/pairing-desk.ts'
import { createHardwareReader } from '../discovery/hardware/create-hardware-reader.ts'
import { readInterfaceAddresses } from '../discovery/peers/network-interface.ts'
import { admissionOf } from '../domain/admission/cluster-choice.ts'
import { adoptRecord } from '../domain/admission/cluster-record.ts'
import { stepsDown } from '../domain/cluster/cluster-view.ts'
import { placedRecord } from '../domain/instance/placed-record.ts'
import { openHistory } from '../history/open-history.ts'
import { ResponseJournal } from '../history/response-journal.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { AskedModels } from '../models/hub/asked-models.ts'
import { openHub } from '../models/hub/open-hub.ts'
import { DerivedModels } from '../models/store/derived-models.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../models/store/import-default-model.ts'
import { ModelSettingsFile } from '../models/store/model-settings-file.ts'
import { createModelStore } from '../models/store/model-store.ts'
import { systemClock } from '../platform/clock.ts'
import { DiskTroubles } from '../platform/files/disk-troubles.ts'
import { keepTrying } from '../platform/waiting/keep-trying.ts'
import { createLog } from '../platform/log/log.ts'
import { openLogOutput } from '../platform/log/open-log-output.ts'
import { randomHex } from '../platform/random-hex.ts'
import { systemRandom } from '../platform/random.ts'
import { wasStartedByPerson } from '../platform/processes/start-cause.ts'
import { createRouter } from '../router/create-router.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { InterfaceKind } from '../shared/hardware.ts'
import type { InferenceRecord } from '../shared/inference/inference-record.ts'
import { MODEL_FAMILIES } from '../shared/models/model-families.ts'
import { PlacementRequest } from '../shared/placement.ts'
import { version } from '../shared/version.ts'
import type { Exposure } from '../shared/wire/api/exposure.ts'
import { createClusterForApi } from './api/cluster-for-api.ts'
import { createMembershipForApi } from './api/membership-for-api.ts'
import { createModelSettingsForApi } from './api/model-settings-for-api.ts'
import { createModelsForApi } from './api/models-for-api.ts'
import { createNodeForApi } from './api/node-for-api.ts'
import { createNodeMetrics } from './api/node-metrics.ts'
import { createRequestTraces } from './api/request-traces.ts'
import { createTrifurcation } from './api/trifurcation.ts'
import { NodeConfig, type NodeOptions } from './config/node-config.ts'
import type { StartedNode, NodeHost } from './config/node-host.ts'
import { openApiTokens } from './files/api-tokens.ts'
import { openClusterBook } from './files/cluster-book.ts'
import { alreadyRunning, claimDataDir, nodeFileOf, readNodeFile, releaseDataDir } from './files/node-file.ts'
import { openSettings } from './files/node-settings.ts'
import { ownApiToken } from './files/own-api-token.ts'
import { ownNodeKey } from './files/own-node-key.ts'
import { loadInitialModels } from './initial-models.ts'
import { chooseCluster, ownClusterName } from './member/choose-cluster.ts'
import { ClusterMembership } from './member/cluster-membership.ts'
import { createCurrentMember } from './member/current-member.ts'
import { derivedNames } from './member/derived-names.ts'
import { startClusterMember } from './member/start-cluster-member.ts'
import { describePath } from './peers/describe-path.ts'
import { FirstTokenTimes } from './shards/first-token-times.ts'
import { expiryOf, InstanceKeeps } from './shards/instance-keeps.ts'
import { withContext } from './shards/instances.ts'
import { settledInstances } from './shards/settled-instances.ts'
import { unloadIdleInstances } from './shards/unload-idle-instances.ts'
import { watchHardware } from './watch-hardware.ts'

const DEFAULT_API_PORT = 8080
/** Time between a failed write of a file and the next attempt. */
const DISK_RETRY_MS = 10_000
/** If memory is short, an instance without a requested context gets a smaller one, down to this. */
const LEAST_CONTEXT_TOKENS = 512
/** More than the context of any model: placement uses the model's own. */
const WHOLE_CONTEXT_TOKENS = 2 ** 31 - 1

/**
 * Builds and starts a node. When this resolves, the API answers, while models may still be loading.
 *
 * @throws AppError `already-running` | `port-in-use` | `identity-damaged` | …
 */
export async function startNode(options: NodeOptions, host: NodeHost): Promise<StartedNode> {
  const config = NodeConfig.parse(options)
  const running = await readNodeFile(config.dataDir)
  if (running) throw alreadyRunning(config.dataDir, running)

  const clock = systemClock
  const random = systemRandom
  const log = createLog({ level: config.logLevel, format: config.logFormat, write: openLogOutput(2, process.stderr) })
  const stopping = new AbortController()
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => undefined) // its host may already be stopping the node
  const { signal } = stopping
  /** In the order of starting; run in reverse order. */
  const stops: (() => Promise<void>)[] = []
  let drain: (limitMs: number) => Promise<void> = async () => undefined
  const stop = async ({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> => {
    if (drainMs > 0) await drain(drainMs)
    stopping.abort(new AppError('cancelled', 'The node is stopping.'))
    for (const step of stops.splice(0).reverse()) await step().catch((error: unknown) => log.error('stopping failed', { error }))
  }
  try {
    const disk = new DiskTroubles(clock, log)
    const identity = await openIdentity(config.dataDir, { log, random, disk })
    if (identity.keep) void keepTrying(identity.keep, DISK_RETRY_MS, clock, signal)
    const settings = await openSettings(config.dataDir, disk)
    const { machine } = settings.current()
    const maxMemoryBytes = config.maxMemoryBytes ?? machine.maxMemoryBytes
    let apiPort = config.port ?? machine.port ?? DEFAULT_API_PORT
    const tokens = await openApiTokens(config.dataDir, { random, clock, disk })
    const apiToken = await ownApiToken(config, random, log, disk)
    const ownKey = await ownNodeKey(config.dataDir, random, log)
    const cards = await readModelCards(join(host.assetsDir, 'model-cards'))
    const hub = await openHub({
      cacheDir: machine.modelCacheDir,
      cards,
      knownFamilies: MODEL_FAMILIES,
      asked: new AskedModels(),
      clock,
      random,
    })
    const store = createModelStore({
      modelsDir: join(config.dataDir, 'models'),
      hubCacheDir: hub.settings.cacheDir,
      cards,
      knownFamilies: MODEL_FAMILIES,
    })
    const hardware = await watchHardware(createHardwareReader(config.hardwareFile), { clock, log }, signal)

    const firstTokens = new FirstTokenTimes(clock)
    const keeps = new InstanceKeeps(clock)
    const ownName = ownClusterName(hardware.facts().name, identity.nodeId)
    const book = await openClusterBook({
      dataDir: config.dataDir,
      ownName,
      ownKey: settings.current().ownClusterKey,
      random,
      clock,
      disk,
      log,
    })
    stops.push(() => book.settled())
    const choice = chooseCluster(config, settings.current(), ownName)
    const window = new AdmitWindow(clock, config.admitWindowMs, config.isStartedByPerson && wasStartedByPerson(process.env))
    const kindOfInterface = (name: string): InterfaceKind =>
      hardware.facts().interfaces.find((candidate) => candidate.name === name)?.kind ?? 'other'
    const pathOf = (socket: TLSSocket): Omit<KnockPath, 'nodeId'> => {
      const host = hostOf(socket, '')
      return {
        host,
        ...describePath({ localAddress: socket.localAddress ?? '', remoteHost: host }, readInterfaceAddresses(), kindOfInterface),
      }
    }
    let onMembershipChange = (): void => undefined
    const desk: PairingDesk = new PairingDesk(
      {
        identity,
        clock,
        random,
        log,
        nodeName: hardware.facts().name,
        membership() {
          const { clusterName, clusterKey, isOpen } = membership.choice()
          const record = membership.member().admission?.share() ?? null
          return { clusterName, clusterKey: record?.secret ?? clusterKey, record, isOpen }
        },
        async onKey({ clusterName, clusterKey, record }) {
          const store = record && book.open(clusterName)
          if (store) await store.change(adoptRecord(store.current(), record, identity.nodeId, clock.epochMs()))
          await membership.joinPaired({ clusterName, clusterKey: record ? null : clusterKey, isOpen: false })
        },
        onGiven: async (nodeId, nodeName) => membership.member().admission?.note(nodeId, nodeName, 'digits'),
        pathOf,
        onChange: () => onMembershipChange(),
      },
      signal,
    )
    const membership: ClusterMembership = await ClusterMembership.start(
      {
        settings,
        desk,
        log,
        own: { clusterName: ownName, clusterKey: null, isOpen: false },
        isOpen: config.isOpen,
        onJoin: () => window.open(),
        startMember: (next, peerPort, memberSignal) =>
          startClusterMember(
            {
              host,
              identity,
              store,
              hub,
              hardware,
              firstTokens,
              keeps,
              clock,
              random,
              log,
              disk,
              config: { ...config, ...next, maxMemoryBytes, peerPort: peerPort ?? config.peerPort ?? machine.peerPort ?? 0 },
              admitting: {
                acceptPairing: (...connection) => desk.accept(...connection),
                closed:
                  admissionOf(next) === 'members'
                    ? {
                        store: book.open(next.clusterName),
                        window: next.clusterName === ownName ? null : window,
                        onChange: () => onMembershipChange(),
                      }
                    : null,
                pathOf,
              },
              cores: availableParallelism(),
            },
            memberSignal,
          ),
        onFailed: (error) => fail(error),
      },
      choice,
      signal,
    )
    stops.push(() => membership.stop())
    onMembershipChange = () => membership.changed()
    const defaultRequest = PlacementRequest.parse({
      strategy: config.strategy,
      backend: config.backend,
      minNodes: config.minNodes,
      contextTokens: config.contextTokens ?? WHOLE_CONTEXT_TOKENS,
      ...(config.contextTokens === null ? { minContextTokens: LEAST_CONTEXT_TOKENS } : {}),
    })
    const { control, models: memberModels, instances, drafts, downloads } = createCurrentMember(membership, defaultRequest)
    const derived = new DerivedModels(config.dataDir, disk)
    const models = derivedNames(memberModels, derived)
    const history = await openHistory(
      {
        dir: join(config.dataDir, 'history'),
        nodeId: identity.nodeId,
        extensionFile: host.ducklakeFile,
        entry: host.historyEntry,
        processId: process.pid,
        isGone: (processId) => processId !== process.pid || !wasStartedByPerson(process.env),
      },
      { spawn: host.spawn, clock, random, log },
    )
    stops.push(() => history.stop())
    const responseJournal = await ResponseJournal.open(join(config.dataDir, 'responses.jsonl'), (error) =>
      log.warn('stored responses may be lost at the next start', { error }),
    )
    stops.push(() => responseJournal.settled())
    const onInferenceEnd = (record: InferenceRecord): void => {
      history.append(placedRecord(record, control.state()))
      metrics.countInference(record)
      const { requestId, modelId, instanceId, finishReasons, errorCode, usage, timings, resumes } = record
      log.debug('inference ended', { requestId, modelId, instanceId, finishReasons, errorCode, ...usage, ...timings, resumes })
    }
    const modelSettings = new ModelSettingsFile(config.dataDir, disk)
    const contextOf = async (modelId: string): Promise<number | null> => (await modelSettings.of(modelId)).context_tokens ?? null
    const { observe, traces } = createRequestTraces({
      clock,
      state: () => control.state(),
      rankSteps: (...asked) => membership.member().rankSteps(...asked),
    })
    const router = createRouter({
      models,
      instances: settledInstances(instances, (modelId) => modelSettings.of(modelId)),
      drafts,
      clock,
      random,
      log,
      observe,
      onInferenceEnd,
      onFirstToken: (...told) => firstTokens.note(...told),
    })
    const metrics = createNodeMetrics(
      { nodeId: identity.nodeId, member: () => membership.member(), control, router, history, startedAtEpochMs: clock.epochMs() },
      signal,
    )
    const exposure = (): Exposure => ({
      apiHost: config.host,
      apiPort,
      asksForToken: apiToken !== null,
      namedTokens: tokens.list().length,
      allowedOrigins: config.allowedOrigins,
      openCluster: membership.choice().isOpen ? membership.choice().clusterName : null,
      peerPort: membership.member().peerPort(),
    })
    const api = await createApi(
      {
        inference: router,
        history,
        models: createModelsForApi({
          store,
          cards,
          derived,
          dataDir: config.dataDir,
          hubCacheDir: hub.settings.cacheDir,
          state: () => control.state(),
          isDownloading: (modelId) =>
            membership
              .member()
              .view()
              .downloads.some((download) => download.nodeId === identity.nodeId && download.modelId === modelId),
        }),
        responseJournal,
        modelSettings: createModelSettingsForApi(modelSettings, (name) => models.resolve(name, signal)),
        trifurcation: createTrifurcation({
          control,
          card: (model, cardSignal) => models.card(model, cardSignal),
          topology: () => membership.member().topology(),
          defaultRequest,
          random,
        }),
        downloads,
        metrics,
        traces,
        cluster: createClusterForApi({
          nodeId: identity.nodeId,
          control,
          models,
          instances,
          drafts,
          defaultRequest,
          signal,
          contextOf,
          keep: (...noted) => keeps.note(...noted),
          expiryOf: (placed) =>
            expiryOf(
              placed,
              membership.member().keeps(),
              new Map(firstTokens.list().map(({ instanceId, atEpochMs }) => [instanceId, atEpochMs])),
              config.idleUnloadMs,
              clock.epochMs(),
            ),
          view: () => membership.member().view(),
          topology: () => membership.member().topology(),
          peers: () => membership.member().peers(),
          diagnostics: () => ({ ...membership.member().diagnostics(), exposure: exposure() }),
          measureLinks: (measureSignal) => membership.serving().member.measureLinks(measureSignal),
        }),
        membership: createMembershipForApi(membership, desk),
        node: createNodeForApi(
          {
            membership,
            settings,
            store,
            hardware,
            clock,
            dataDir: config.dataDir,
            modelCacheDir: hub.settings.cacheDir,
            maxMemoryBytes,
            exposure,
            ownKey,
            api: () => ({ host: config.host, port: apiPort }),
          },
          signal,
        ),
        tokens,
        clock: { now: () => clock.epochMs() },
        newId: () => randomHex(random, 16),
        log,
      },
      {
        version,
        apiToken,
        allowedOrigins: config.allowedOrigins,
        allowedHosts: config.allowedHosts,
        cloudNames: config.cloudNames,
        dashboardDir: host.dashboardDir,
        bodyThreadEntry: host.bodyEntry,
      },
    )
    stops.push(() => api.close())
    drain = (limitMs) => api.drain(limitMs)
    const { port } = await api.listen({ host: config.host, port: apiPort })
    apiPort = port
    membership.setApiPort(port)
    const apiUrl = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
    const claim = (): Promise<void> =>
      disk.watch(nodeFileOf(config.dataDir), () =>
        claimDataDir(config.dataDir, { processId: process.pid, nodeId: identity.nodeId, version, apiUrl, apiToken }),
      )
    await claim().catch((error: unknown) => {
      if (errorCode(error) === 'already-running') throw error
      // The node serves without the file; only commands on this machine cannot find it yet.
      void keepTrying(claim, DISK_RETRY_MS, clock, signal)
    })
    stops.push(() => releaseDataDir(config.dataDir))
    unloadIdleInstances(
      {
        control,
        clock,
        log,
        idleUnloadMs: config.idleUnloadMs,
        stats: () => membership.member().stats(),
        keeps: () => membership.member().keeps(),
        settings: () => modelSettings.all(),
      },
      signal,
    )

    const ready = loadInitialModels({
      requested: config.models,
      loadDefaultModel: config.loadDefaultModel,
      hasOtherModels: async () => (await store.list()).models.some((model) => model.isOurs && model.modelId !== DEFAULT_MODEL_ID),
      importDefaultModel: async () => {
        const onProgress = (doneBytes: number, totalBytes: number): void =>
          host.onProgress({ label: 'Importing the default model', doneBytes, totalBytes })
        return (await importDefaultModel(store, host.defaultModelFile, { signal, onProgress })).modelId
      },
      resolve: async (name) => (await models.resolve(name, signal)).modelId,
      load: async (modelId) => ({
        stepsDown: stepsDown(
          (await instances.load(modelId, withContext(defaultRequest, await contextOf(modelId)), true, signal)).placement,
        ),
      }),
      onDefaultFailed: (error) => log.error('the default model could not be loaded; the next request retries', { error }),
      now: () => clock.now(),
      sleep: (durationMs) => clock.sleep(durationMs, signal),
    })
    return {
      nodeId: identity.nodeId,
      name: hardware.facts().name,
      apiUrl,
      apiToken,
      isTokenMade: apiToken !== null && config.apiToken === null,
      cluster: { clusterName: choice.clusterName, admission: admissionOf(choice) },
      ready,
      failed,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
