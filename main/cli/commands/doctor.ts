import { writeFile } from 'node:fs/promises'
import { homedir, hostname, release, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import type { RunningNode } from '../../diagnostics/collect-doctor-facts.ts'
import type { StoredModelHealth } from '../../diagnostics/doctor-facts.ts'
import { formatDoctorReport } from '../../diagnostics/format-doctor-report.ts'
import { recordHardware } from '../../diagnostics/record-hardware.ts'
import { runDoctor } from '../../diagnostics/run-doctor.ts'
import { formatReport } from '../../diagnostics/trial/format-report.ts'
import type { Identifiers } from '../../diagnostics/trial/redact-text.ts'
import { runTrial } from '../../diagnostics/trial/run-trial.ts'
import { createSystemProbes } from '../../diagnostics/system-probes.ts'
import { DEFAULT_MODEL_ID } from '../../models/store/import-default-model.ts'
import { readNodeFile } from '../../node/files/node-file.ts'
import { createHardwareReader } from '../../discovery/hardware/create-hardware-reader.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { listPeers } from '../../discovery/peers/list-peers.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import { AppError } from '../../shared/app-error.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { HardwareFacts } from '../../shared/hardware.ts'
import { NodeId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'
import { Exposure } from '../../shared/wire/api/exposure.ts'
import { interruption } from '../interruption.ts'
import { createTrialNode } from '../create-trial-node.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { dataDirOf, dataDirOption, type NodeFlags } from '../node-options.ts'
import { openStore } from '../open-store.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

const Diagnostics = z.object({
  hardware: z.record(NodeId, HardwareFacts),
  clockSkewMs: z.record(NodeId, z.number()),
  exposure: Exposure.optional(),
  sameIdentity: z.array(z.object({ name: z.string(), address: z.string(), isClone: z.boolean() })).default([]),
})

/** `exo doctor`: what is wrong with this machine and its cluster, and how to fix it. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('check this machine and, if a node is running, its whole cluster')
    .option('--json', 'print JSON')
    .option('--full', 'also load the default model, ask it, and split it over the machines of the cluster')
    .option('--report <file>', 'write the result to a file without names and addresses, to send to the developers')
    .option('--record <file>', 'write the hardware facts of this Mac to a file, without serial numbers and addresses, and exit')
    .option('--hardware <file>', 'use the hardware recorded in this file instead of reading this machine')
    .addOption(dataDirOption())
    .action(async (flags: { json?: true; full?: true; report?: string; record?: string; hardware?: string; dataDir?: string }) => {
      const stop = new AbortController()
      void interruption().then(() => stop.abort(new Error('Interrupted.')))
      const reader = createHardwareReader(flags.hardware ?? program.opts<NodeFlags>().hardware ?? null)
      if (flags.record !== undefined) {
        await writeFile(flags.record, recordHardware(await reader.record(stop.signal)), { flag: 'wx' })
        return terminal.line(`${flags.record} written. Review it before you send it to anyone.`)
      }
      const dataDir = dataDirOf(program, flags)
      const file = await readNodeFile(dataDir)
      const api = file ? new URL(file.apiUrl) : null
      if (flags.full && !file)
        throw new AppError('not-running', `No node is running with ${dataDir}, and --full asks one. Start it with: exo`)
      const report = await runDoctor(
        {
          clock: systemClock,
          system: createSystemProbes(process.platform, createRunCommand()),
          readHardware: (signal) => reader.read(signal),
          node: file && runningNode(file.apiUrl, file.apiToken),
          discoverPeers: countPeers,
          storedModels: () => storedModels(dataDir),
        },
        {
          version,
          dataDir,
          modelDir: join(dataDir, 'models'),
          identityFile: join(dataDir, 'identity.pem'),
          api: { host: api?.hostname ?? '127.0.0.1', port: Number(api?.port ?? 8080) },
          peerPort: 0,
        },
        stop.signal,
      )
      const tried =
        flags.full && file
          ? await runTrial(
              {
                node: createTrialNode(createNodeClient(file.apiUrl, file.apiToken), systemClock),
                clock: systemClock,
                modelId: DEFAULT_MODEL_ID,
              },
              stop.signal,
            )
          : []
      const checks = [...report.checks, ...tried]
      terminal.line(flags.json ? listingText('doctor', { checks }) : formatDoctorReport(checks))
      if (flags.report !== undefined) {
        const view =
          file &&
          (await runningNode(file.apiUrl, file.apiToken)
            .view(stop.signal)
            .catch(() => null))
        const hardware = await reader.record(stop.signal).then(recordHardware, () => null)
        const text = formatReport(
          { version, platform: `${process.platform} ${process.arch} ${release()}`, checks, hardware },
          identifiersOf(view),
        )
        await writeFile(flags.report, text, { flag: 'wx' })
        terminal.line(`${flags.report} written. Review it before you send it to anyone.`)
      }
      if (checks.some(({ state }) => state === 'problem'))
        throw new AppError('doctor-problem', 'Found problems; each one above says how to fix it.')
    })
}

function identifiersOf(view: ClusterView | null): Identifiers {
  const nodes = Object.entries(view?.nodes ?? {})
  const ownName = hostname()
  const clusterName = view?.clusterName ?? ''
  return {
    names: [
      ownName,
      ownName.replace(/\.local$/, ''),
      userInfo().username,
      clusterName === 'exo' ? '' : clusterName,
      ...nodes.map(([, { name }]) => name),
    ],
    nodeIds: nodes.map(([nodeId]) => nodeId),
    homeFolder: homedir(),
  }
}

function runningNode(apiUrl: string, apiToken: string | null): RunningNode {
  const client = createNodeClient(apiUrl, apiToken)
  const diagnostics = client.get('/diagnostics').then((answer) => parseSaid(Diagnostics, answer))
  diagnostics.catch(() => undefined) // reported by each of the two below
  return {
    view: async () => parseSaid(ClusterView, await client.get('/state')),
    hardware: async () => new Map(Object.entries((await diagnostics).hardware).map(([nodeId, facts]) => [NodeId.parse(nodeId), facts])),
    exposure: async () => (await diagnostics).exposure ?? null,
    sameIdentity: async () => (await diagnostics).sameIdentity,
    clockSkewMs: async () =>
      new Map(Object.entries((await diagnostics).clockSkewMs).map(([nodeId, skewMs]) => [NodeId.parse(nodeId), skewMs])),
  }
}

async function countPeers(signal: AbortSignal): Promise<number> {
  const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
  const peers = await listPeers(
    { mdns: true, broadcast: true, readInterfaceAddresses, kindOfInterface: () => 'other', clock: systemClock, random: systemRandom, log },
    signal,
  )
  return peers.length
}

async function storedModels(dataDir: string): Promise<StoredModelHealth[]> {
  const { models, damaged } = await (await openStore(dataDir)).list()
  return [
    ...models.map(({ modelId }) => ({ modelId, problem: null })),
    ...damaged.map(({ modelId, code, message }) => ({ modelId, problem: { code, message } })),
  ]
}
