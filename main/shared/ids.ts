import { z } from 'zod'

/** Fingerprint of a node's Ed25519 key. */
export const NodeId = z.string().min(1).max(128).brand<'NodeId'>()
export type NodeId = z.infer<typeof NodeId>

export const InstanceId = z.string().min(1).max(128).brand<'InstanceId'>()
export type InstanceId = z.infer<typeof InstanceId>

/** One generated sequence: a request with `n: 3` has three. */
export const GenerationId = z.string().min(1).max(128).brand<'GenerationId'>()
export type GenerationId = z.infer<typeof GenerationId>

/** A hub id (`org/name`) or, for a model given as a folder, that folder's path. */
export const ModelId = z.string().min(1).max(1024).brand<'ModelId'>()
export type ModelId = z.infer<typeof ModelId>

/** Index into the model's vocabulary. */
export const TokenId = z.int().min(0).max(0x7fffffff)
export type TokenId = z.infer<typeof TokenId>
