import { z } from 'zod'

const NodeHardware = z.looseObject({
  name: z.string(),
  platform: z.string(),
  chip: z.string(),
  model: z.string().nullish(),
  osVersion: z.string().nullish(),
  cores: z.number().nullish(),
  interfaces: z.array(z.looseObject({ name: z.string(), kind: z.string(), addresses: z.array(z.string()) })).default([]),
  thunderboltPorts: z.array(z.looseObject({})).default([]),
  rdma: z.string().default('unknown'),
  bridge: z.string().nullish(),
  missing: z.array(z.looseObject({ source: z.string(), reason: z.string() })).default([]),
})
export type NodeHardware = z.infer<typeof NodeHardware>

/** The answer of `GET /diagnostics`: machines by node id. */
export const Diagnostics = z.looseObject({
  hardware: z.record(z.string(), NodeHardware),
  clockSkewMs: z.record(z.string(), z.number().nullable()).default({}),
})
export type Diagnostics = z.infer<typeof Diagnostics>
