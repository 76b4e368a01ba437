import { gpuLimitBytes } from '../../domain/mac/gpu-limit.ts'
import { macHardwareFacts } from '../../domain/mac/mac-hardware-facts.ts'
import { type CommandOutput, macCommands, type MachineIdentity, type MacCommand, type MacOutputs } from '../../domain/mac/mac-outputs.ts'
import { parseSwVers, parseSysctl, parseVmStat } from '../../domain/mac/parse-mac-memory.ts'
import { RecordedHardware } from '../../domain/mac/recorded-hardware.ts'
import type { RunCommand } from '../../platform/processes/run-command.ts'
import type { HardwareFacts, MissingFact } from '../../shared/hardware.ts'
import type { HardwareReader } from './hardware-reader.ts'

const QUICK_TIMEOUT_MS = 5_000
/** `system_profiler` walks the whole device tree and is slow on a Mac that has just woken up. */
const SYSTEM_PROFILER_TIMEOUT_MS = 20_000

export interface MacSources {
  readonly runCommand: RunCommand
  /** The system's host name, for a Mac that does not report its name. */
  readonly hostname: () => string
  /** Node's value, for a Mac whose `sysctl` fails. */
  readonly totalBytes: () => number
}

/** Reads the output of a Mac's commands. Each has a time limit, and a failed one affects only its own facts. */
export function createMacHardwareReader(sources: MacSources): HardwareReader {
  const run = async (command: string, signal: AbortSignal, timeoutMs = QUICK_TIMEOUT_MS): Promise<CommandOutput> => {
    const [program = '', ...programArguments] = command.split(' ')
    const result = await sources.runCommand(program, programArguments, timeoutMs, signal)
    switch (result.kind) {
      case 'absent':
        return { kind: 'failed', reason: 'command not found', isAbsent: true }
      case 'timed-out':
        return { kind: 'failed', reason: `no answer within ${timeoutMs / 1000} s`, isAbsent: false }
      case 'stuck':
        return { kind: 'failed', reason: 'an earlier run still hangs: replug the Thunderbolt cables, or restart this Mac', isAbsent: false }
      case 'exited':
        return outputOf(result.exitCode, result.stdout, result.stderr)
    }
  }
  const readText = async <Value>(
    command: string,
    parse: (text: string) => Value | null,
    missing: MissingFact[],
    signal: AbortSignal,
  ): Promise<Value | null> => {
    const output = await run(command, signal)
    const value = output.kind === 'printed' ? parse(String(output.value)) : null
    if (value === null)
      missing.push({
        source: command,
        reason: output.kind === 'failed' ? output.reason : 'printed something that this version of exo cannot read',
      })
    return value
  }
  const readUsedBytes = (missing: MissingFact[], signal: AbortSignal): Promise<number | null> =>
    readText('vm_stat', parseVmStat, missing, signal)
  let totalBytes = 0
  /** A model must fit in the GPU's share of memory, which is less than the machine's. */
  let limitBytes = Number.POSITIVE_INFINITY
  const availableOf = (usedBytes: number): number => Math.min(limitBytes, Math.max(0, totalBytes - usedBytes))

  const readParts = async (signal: AbortSignal): Promise<{ identity: MachineIdentity; outputs: MacOutputs; missing: MissingFact[] }> => {
    const missing: MissingFact[] = []
    const outputs = await readOutputs((command) =>
      run(macCommands[command], signal, command === 'systemProfiler' ? SYSTEM_PROFILER_TIMEOUT_MS : QUICK_TIMEOUT_MS),
    )
    const name = await readText('scutil --get ComputerName', (text) => text.trim() || null, missing, signal)
    const osVersion = await readText('sw_vers', parseSwVers, missing, signal)
    const system = await readText('sysctl hw.memsize hw.ncpu machdep.cpu.brand_string', parseSysctl, missing, signal)
    const usedBytes = await readUsedBytes(missing, signal)
    totalBytes = system?.totalBytes ?? sources.totalBytes()
    // A Mac without this setting is not reported as incomplete.
    const gpuSetting = await readText('sysctl iogpu.wired_limit_mb', (text) => text, [], signal)
    limitBytes = gpuLimitBytes(totalBytes, gpuSetting) ?? Number.POSITIVE_INFINITY
    const identity = {
      name: name ?? sources.hostname(),
      chip: system?.chip ?? 'unknown',
      osVersion: osVersion ?? 'unknown',
      cores: system?.cores ?? null,
      totalBytes,
      availableBytes: availableOf(usedBytes ?? 0),
    }
    return { identity, outputs, missing }
  }

  return {
    restIntervalMs: 30_000,
    async read(signal): Promise<HardwareFacts> {
      const { identity, outputs, missing } = await readParts(signal)
      return macHardwareFacts(identity, outputs, missing)
    },
    async record(signal): Promise<RecordedHardware> {
      const { identity, outputs } = await readParts(signal)
      const { cores: _, ...recorded } = identity
      const printed = Object.entries(outputs).map(([command, output]) => [command, output.kind === 'printed' ? output.value : null])
      return RecordedHardware.parse({ ...recorded, ...Object.fromEntries(printed) })
    },
    async readAvailableBytes(signal): Promise<number | null> {
      const usedBytes = await readUsedBytes([], signal)
      return usedBytes === null ? null : availableOf(usedBytes)
    },
  }
}

/** Runs the commands one after another, so that a poll does not start many processes at once. */
async function readOutputs(run: (command: MacCommand) => Promise<CommandOutput>): Promise<MacOutputs> {
  const outputs: [MacCommand, CommandOutput][] = []
  for (const command of Object.keys(macCommands) as MacCommand[]) outputs.push([command, await run(command)])
  return Object.fromEntries(outputs) as Record<MacCommand, CommandOutput>
}

/** Without a device, `ibv_devinfo` fails and explains it only on stderr. */
function outputOf(exitCode: number | null, stdout: string, stderr: string): CommandOutput {
  if (exitCode === 0 || stdout.trim() !== '') return { kind: 'printed', value: stdout }
  if (/no ib devices/i.test(stderr)) return { kind: 'printed', value: stderr }
  const [firstLine = ''] = stderr.trim().split('\n')
  return {
    kind: 'failed',
    reason: `exit status ${exitCode ?? 'none'}${firstLine === '' ? '' : `: ${firstLine.slice(0, 200)}`}`,
    isAbsent: false,
  }
}
