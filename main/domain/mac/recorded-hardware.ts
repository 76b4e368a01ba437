import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { macHardwareFacts } from './mac-hardware-facts.ts'
import type { CommandOutput, MacOutputs } from './mac-outputs.ts'

const Text = z.string().nullable().optional()

/**
 * The file of `--hardware`, which `exo doctor --record` writes: the raw output of a machine's commands.
 * `systemProfiler` may be text or the parsed JSON. null or missing: the command failed. Other fields, of later
 * versions, are ignored.
 */
export const RecordedHardware = z.object({
  name: z.string().min(1),
  chip: z.string().min(1).default('unknown'),
  osVersion: z.string().min(1).default('unknown'),
  totalBytes: z.int().min(0),
  /** If missing, all of the memory is free. */
  availableBytes: z.int().min(0).optional(),
  systemProfiler: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullable()
    .optional(),
  hardwarePorts: Text,
  serviceOrder: Text,
  ifconfig: Text,
  rdmaCtl: Text,
  ibvDevices: Text,
  ibvDevinfo: Text,
})
export type RecordedHardware = z.infer<typeof RecordedHardware>
/** The input format for people and fixtures, without the defaults. */
export type RecordedHardwareInput = z.input<typeof RecordedHardware>

/**
 * Reads a `--hardware` file.
 *
 * @param source - the file's path, for the message
 * @throws AppError `hardware-file-invalid` that names missing, invalid and misspelt fields
 */
export function parseRecordedHardware(text: string, source: string): RecordedHardware {
  const content = parseJson(text, source)
  const parsed = RecordedHardware.safeParse(content)
  const problems = [...(parsed.error?.issues ?? []).map(describeIssue), ...misspelt(content).map((field) => `unknown field \`${field}\``)]
  if (parsed.success && problems.length === 0) return parsed.data
  throw new AppError(
    'hardware-file-invalid',
    `${source}: ${problems.join('; ')}. The fields are ${Object.keys(RecordedHardware.shape).join(', ')}.`,
    { source, problems },
  )
}

/** Fields that differ from a known one only in `_`, `-` and capitals. */
function misspelt(content: unknown): string[] {
  const plain = (field: string): string => field.replace(/[_-]/g, '').toLowerCase()
  const known = Object.keys(RecordedHardware.shape)
  const fields = typeof content === 'object' && content !== null ? Object.keys(content) : []
  return fields.filter((field) => !known.includes(field) && known.map(plain).includes(plain(field)))
}

/** Uses the same parsers as for a live Mac. */
export function recordedHardwareFacts(recorded: RecordedHardware): HardwareFacts {
  const { name, chip, osVersion, totalBytes, availableBytes = totalBytes, ...outputs } = recorded
  return macHardwareFacts({ name, chip, osVersion, cores: null, totalBytes, availableBytes: Math.min(availableBytes, totalBytes) }, {
    systemProfiler: outputOf(outputs.systemProfiler),
    hardwarePorts: outputOf(outputs.hardwarePorts),
    serviceOrder: outputOf(outputs.serviceOrder),
    ifconfig: outputOf(outputs.ifconfig),
    rdmaCtl: outputOf(outputs.rdmaCtl),
    ibvDevices: outputOf(outputs.ibvDevices),
    ibvDevinfo: outputOf(outputs.ibvDevinfo),
  } satisfies MacOutputs)
}

function outputOf(value: unknown): CommandOutput {
  return value === null || value === undefined
    ? { kind: 'failed', reason: 'not in the recording', isAbsent: false }
    : { kind: 'printed', value }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `\`${issue.path.join('.')}\`: ${issue.message}`
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError(
      'hardware-file-invalid',
      `${source} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { source },
      cause,
    )
  }
}
