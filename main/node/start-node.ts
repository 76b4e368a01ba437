import { createHardwareReader } from '../discovery/hardware/create-hardware-reader.ts'
import { createSensorReader } from '../discovery/sensors/create-sensor-reader.ts'
import { admissionOf } from '../domain/admission/cluster-choice.ts'
import { mustStayAwake } from '../domain/instance/uses/must-stay-awake.ts'
import { systemClock } from '../platform/clock.ts'
import { DiskTroubles } from '../platform/files/disk-troubles.ts'
import { createLog } from '../platform/log/log.ts'
import { logOutput } from '../platform/log/open-log-output.ts'
import { RecentLog } from '../platform/log/recent-log.ts'
import { randomHex } from '../platform/random-hex.ts'
import { keepAwake, sleepInhibitor } from '../platform/processes/keep-awake.ts'
import { systemRandom } from '../platform/random.ts'
import { ApiAddress } from './api/api-address.ts'
import { NodeConfig, type NodeOptions } from './config/node-config.ts'
import type { StartedNode, NodeHost } from './config/node-host.ts'
import { alreadyRunning, readNodeFile } from './files/node-file.ts'
import { createCurrentMember } from './member/current-member.ts'
import { derivedNames } from './member/derived-names.ts'
import { FirstTokenTimes } from './shards/first-token-times.ts'
import { InstanceKeeps } from './shards/instance-keeps.ts'
import { unloadIdleInstances } from './shards/unload-idle-instances.ts'
import { claimDataFolder } from './start/claim-data-folder.ts'
import { createNodeApi } from './start/create-node-api.ts'
import { defaultPlacement } from './start/default-placement.ts'
import { loadAtStart } from './start/load-at-start.ts'
import { NodeLife } from './start/node-life.ts'
import type { NodeSurroundings } from './start/node-surroundings.ts'
import { openModels } from './start/open-models.ts'
import { openNodeFiles } from './start/open-node-files.ts'
import { startAnswering } from './start/start-answering.ts'
import { startMembership } from './start/start-membership.ts'
import { watchHardware } from './start/watch-hardware.ts'

const DEFAULT_API_PORT = 8080

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
  const recentLog = new RecentLog(randomHex(systemRandom, 8))
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    write: logOutput(config.logFile),
    keep: (entry) => recentLog.add(entry),
  })
  const life = new NodeLife(log)
  try {
    return await begin({ config, host, clock, random: systemRandom, log, recentLog, disk: new DiskTroubles(clock, log) }, life)
  } catch (error) {
    await life.stop()
    throw error
  }
}

/** Starts the parts in order. Each one uses only those before it. */
async function begin(surroundings: NodeSurroundings, life: NodeLife): Promise<StartedNode> {
  const { config, clock, log } = surroundings
  const { signal } = life
  const files = await openNodeFiles(surroundings, signal)
  const { machine, hubToken } = files.settings.current()
  const maxMemoryBytes = config.maxMemoryBytes ?? machine.maxMemoryBytes
  const models = await openModels(surroundings, { cacheDir: machine.modelCacheDir, token: hubToken })
  const hardware = await watchHardware(
    createHardwareReader(config.hardwareFile),
    createSensorReader(config.hardwareFile, clock),
    { clock, log },
    signal,
  )
  const firstTokens = new FirstTokenTimes(clock)
  const keeps = new InstanceKeeps(clock)
  const parts = { files, models, hardware, firstTokens, keeps, maxMemoryBytes }
  const { membership, desk, choice } = await startMembership(surroundings, parts, life)

  const defaultRequest = defaultPlacement(config)
  const ofCluster = createCurrentMember(membership, defaultRequest, (modelId) => models.settings.kvBitsOf(modelId))
  const current = { ...ofCluster, models: derivedNames(ofCluster.models, models.derived) }
  const { nodeId } = files.identity
  const answering = await startAnswering(surroundings, { nodeId, membership, current, modelSettings: models.settings, firstTokens }, life)
  const address = new ApiAddress(files.exposure.host, config.port ?? machine.port ?? DEFAULT_API_PORT)
  const api = await createNodeApi(surroundings, { ...parts, address, membership, desk, current, answering, defaultRequest }, life)
  life.onStop(() => api.close())
  life.onDrain((limitMs) => api.drain(limitMs))
  address.port = (await api.listen(address)).port
  membership.setApiPort(address.port)
  await claimDataFolder(surroundings, files, address.url(), life)
  unloadIdleInstances(
    {
      control: current.control,
      clock,
      log,
      idleUnloadMs: config.idleUnloadMs,
      stats: () => membership.member().stats(),
      keeps: () => membership.member().keeps(),
      settings: () => models.settings.all(),
    },
    signal,
  )
  const inhibitor = sleepInhibitor(process.platform, process.pid)
  if (inhibitor) {
    const isNeeded = (): boolean => mustStayAwake(current.control.state(), nodeId)
    keepAwake({ inhibitor, clock, log, isNeeded, onChange: (listener, ended) => membership.onChange(listener, ended) }, signal)
  }
  return {
    nodeId,
    name: hardware.facts().name,
    apiUrl: address.url(),
    apiToken: files.apiToken,
    isTokenMade: files.apiToken !== null && config.apiToken === null,
    cluster: { clusterName: choice.clusterName, admission: admissionOf(choice) },
    ready: loadAtStart(surroundings, models, current, defaultRequest, signal),
    failed: life.failed,
    stop: (how) => life.stop(how),
  }
}
