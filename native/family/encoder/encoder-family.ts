import type { z } from 'zod'
import { NativeError } from '../../native-error.ts'
import type { EncoderActivation } from '../../plan/decoder-plan.ts'
import type { EncoderDescription } from './encoder-description.ts'

/** A family of encoders: its `model_type`s and how to read them. */
export interface EncoderFamily<Schema extends z.ZodType = z.ZodType> {
  readonly modelTypes: readonly string[]
  readonly schema: Schema
  describe(config: z.infer<Schema>): EncoderDescription
}

/** Keeps the types of a family's schema and its `describe` consistent. */
export function defineEncoder<Schema extends z.ZodType>(family: EncoderFamily<Schema>): EncoderFamily<Schema> {
  return family
}

const ACTIVATIONS: Readonly<Record<string, EncoderActivation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  geglu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_tanh: 'gelu-tanh',
  relu: 'relu',
  reglu: 'relu',
  silu: 'silu',
  swish: 'silu',
  swiglu: 'silu',
  tanh: 'tanh',
}

/** @throws NativeError `model-unsupported` */
export function readActivation(key: string, name: string): EncoderActivation {
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined
  if (activation) return activation
  throw new NativeError(
    'model-unsupported',
    `config.json: encoders with ${key} "${name}" are not supported; supported: ${Object.keys(ACTIVATIONS).join(', ')}.`,
    { key, value: name },
  )
}

/** @throws NativeError `model-unsupported` */
export function refuseKey(key: string, value: unknown): never {
  throw new NativeError('model-unsupported', `config.json: encoders with ${key} ${JSON.stringify(value)} are not supported.`, {
    key,
    value,
  })
}

export function isClassifierConfig({ architectures }: { readonly architectures?: readonly string[] | null | undefined }): boolean {
  return architectures?.some((name) => name.endsWith('ForSequenceClassification')) ?? false
}
