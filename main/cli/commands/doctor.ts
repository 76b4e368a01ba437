import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import type { RunningNode } from '../../diagnostics/collect-doctor-facts.ts'
import type { StoredModelHealth } from '../../diagnostics/doctor-facts.ts'
import { formatDoctorReport } from '../../diagnostics/format-doctor-report.ts'
import { recordHardware } from '../../diagnostics/record-hardware.ts'
import { runDoctor } from '../../diagnostics/run-doctor.ts'
import { createSystemProbes } from '../../diagnostics/system-probes.ts'
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
    .option('--record <file>', 'write the hardware facts of this Mac to a file, without serial numbers and addresses, and exit')
    .option('--hardware <file>', 'use the hardware recorded in this file instead of reading this machine')
    .addOption(dataDirOption())
    .action(async (flags: { json?: true; record?: string; hardware?: string; dataDir?: string }) => {
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
      terminal.line(flags.json ? JSON.stringify({ checks: report.checks }, null, 2) : formatDoctorReport(report.checks))
      if (report.hasProblem) throw new AppError('doctor-problem', 'Found problems; each one above says how to fix it.')
    })
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
