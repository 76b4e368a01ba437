import { z } from 'zod'
import { RdmaState } from './topology.ts'

export const InterfaceKind = z.enum(['thunderbolt', 'ethernet', 'wifi', 'other'])
export type InterfaceKind = z.infer<typeof InterfaceKind>

export const NetworkInterface = z.strictObject({
  /** The system's name: `en0`, `bridge0`, `eth0`. */
  name: z.string(),
  kind: InterfaceKind,
  /** IPv4 and IPv6, without prefix length or zone. */
  addresses: z.array(z.string()),
})
export type NetworkInterface = z.infer<typeof NetworkInterface>

export const RdmaPortState = z.enum(['active', 'down', 'unknown'])
export type RdmaPortState = z.infer<typeof RdmaPortState>

/** One Thunderbolt socket of a Mac. */
export const ThunderboltPort = z.strictObject({
  /** The N of `Thunderbolt N`. */
  receptacle: z.string(),
  /** `en2`; null if the socket has no network device. */
  deviceName: z.string().nullable(),
  /** `rdma_en2`; null if the system lists no such RDMA device. */
  rdmaDevice: z.string().nullable(),
  domainUuid: z.string(),
  /** The Macs at the other end, including those behind hubs and displays; nearest first. */
  peerDomainUuids: z.array(z.string()),
  /** null: no cable, or not reported. */
  gigabitsPerSecond: z.number().min(0).nullable(),
  portState: RdmaPortState,
})
export type ThunderboltPort = z.infer<typeof ThunderboltPort>

/** The bridge that macOS creates over the Thunderbolt ports. */
export const ThunderboltBridge = z.strictObject({ name: z.string(), isActive: z.boolean(), members: z.array(z.string()) })
export type ThunderboltBridge = z.infer<typeof ThunderboltBridge>

/** A fact that could not be read, and the reason. */
export const MissingFact = z.strictObject({ source: z.string(), reason: z.string() })
export type MissingFact = z.infer<typeof MissingFact>

/** What a machine's sensors tell now. What it does not tell, or only to root, is omitted. */
export const MachineSensors = z.strictObject({
  /** The busiest GPU's share of time at work. */
  gpuRatio: z.number().min(0).max(1).optional(),
  /** Of the GPUs and the processors, as far as they are known. */
  watts: z.number().min(0).max(100_000).optional(),
  /** Of the hottest GPU or processor. */
  celsius: z.number().min(-100).max(300).optional(),
})
export type MachineSensors = z.infer<typeof MachineSensors>

/** The state of a machine at one time. Facts that could not be read are empty, null or unknown, and named in `missing`. */
export const HardwareFacts = z.strictObject({
  name: z.string(),
  platform: z.string(),
  chip: z.string(),
  /** `Mac Studio`; null if the machine does not report it. */
  model: z.string().nullable(),
  /** `26.2`; on Linux, the kernel's release. */
  osVersion: z.string(),
  /** Logical processors; null if not reported. */
  cores: z.int().min(1).nullable(),
  totalBytes: z.int().min(0),
  availableBytes: z.int().min(0),
  interfaces: z.array(NetworkInterface),
  thunderboltPorts: z.array(ThunderboltPort),
  rdma: RdmaState,
  bridge: ThunderboltBridge.nullable(),
  missing: z.array(MissingFact),
})
export type HardwareFacts = z.infer<typeof HardwareFacts>
