import { z } from 'zod'

/**
 * A name that is neither a path nor a built-in property of objects. Ids from peers must match stricter patterns: wire/refuse-peer-words.ts.
 */
const Name = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][\w.: -]*$/)
  .refine((name) => !(name in Object.prototype) && !name.includes('..'), 'it is not a valid id')

/** Fingerprint of a node's Ed25519 key. */
export const NodeId = Name.brand<'NodeId'>()
export type NodeId = z.infer<typeof NodeId>

/** Drawn at random by the leader. */
export const InstanceId = Name.brand<'InstanceId'>()
export type InstanceId = z.infer<typeof InstanceId>

/** One generated sequence: a request with `n: 3` has three. */
export const GenerationId = Name.brand<'GenerationId'>()
export type GenerationId = z.infer<typeof GenerationId>

/** Control characters, line separators, and those that turn the direction of the text beside them. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** Whether a word can be a model id: neither the id nor a folder named after it may contain `..`. */
export function isModelName(word: string): boolean {
  return word.length > 0 && word.length <= 1024 && !UNSAFE.test(word) && !(word in Object.prototype) && !word.split(/[/\\]/).includes('..')
}

/** A hub id (`org/name`) or, for a model given as a folder, the folder's path. */
export const ModelId = z.string().min(1).max(1024).refine(isModelName, 'it is not a valid model id').brand<'ModelId'>()
export type ModelId = z.infer<typeof ModelId>

/** Index into the model's vocabulary. */
export const TokenId = z.int().min(0).max(0x7fffffff)
export type TokenId = z.infer<typeof TokenId>
