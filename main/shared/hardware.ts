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
  /** `en2`; null where no network device belongs to the socket. */
  deviceName: z.string().nullable(),
  /** `rdma_en2`; null where the system lists no such RDMA device. */
  rdmaDevice: z.string().nullable(),
  domainUuid: z.string(),
  /** The Macs at the other end, also behind hubs and displays; nearest first. */
  peerDomainUuids: z.array(z.string()),
  /** null: no cable, or not said. */
  gigabitsPerSecond: z.number().min(0).nullable(),
  portState: RdmaPortState,
})
export type ThunderboltPort = z.infer<typeof ThunderboltPort>

/** The bridge that macOS creates over the Thunderbolt ports. */
export const ThunderboltBridge = z.strictObject({ name: z.string(), isActive: z.boolean(), members: z.array(z.string()) })
export type ThunderboltBridge = z.infer<typeof ThunderboltBridge>

/** A fact that could not be had, and why. */
export const MissingFact = z.strictObject({ source: z.string(), reason: z.string() })
export type MissingFact = z.infer<typeof MissingFact>

/** One look at a machine. What could not be read is empty, null or unknown, and named in `missing`. */
export const HardwareFacts = z.strictObject({
  name: z.string(),
  platform: z.string(),
  chip: z.string(),
  /** `Mac Studio`; null where the machine does not say. */
  model: z.string().nullable(),
  /** `26.2`; the kernel's release on Linux. */
  osVersion: z.string(),
  /** Logical processors; null where not said. */
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
