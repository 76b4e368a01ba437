import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TinyModel } from './tiny-model.ts'

export interface RawTensor {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

interface ModelConfig extends Readonly<Record<string, unknown>> {
  readonly num_hidden_layers: number
  readonly vocab_size: number
}

/** Writes a model with these tensors into a folder of its own. */
export function writeModel(tensors: readonly RawTensor[], config: ModelConfig): TinyModel {
  const dir = mkdtempSync(join(tmpdir(), 'exo-raw-model-'))
  let offset = 0
  const header = Object.fromEntries(
    tensors.map(({ name, dtype, shape, bytes }) => [name, { dtype, shape, data_offsets: [offset, (offset += bytes.length)] }]),
  )
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(join(dir, 'model.safetensors'), Buffer.concat([length, text, ...tensors.map(({ bytes }) => bytes)]))
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  return {
    dir,
    layers: config.num_hidden_layers,
    vocabSize: config.vocab_size,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
