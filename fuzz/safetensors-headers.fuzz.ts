import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { headerEnd, PREFIX_BYTES, readTensorPlaces } from '../main/models/parts/read-tensor-places.ts'
import { checkSafetensors } from '../main/models/files/check-safetensors.ts'
import { AppError } from '../main/shared/app-error.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** The readers take files, so each input is written to this one. */
const folder = mkdtempSync(join(tmpdir(), 'exo-fuzz-'))
const path = join(folder, 'model.safetensors')

function file(header: unknown, dataBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([prefix, text, Buffer.alloc(dataBytes)])
}

const weight = (dtype: string, shape: readonly number[], start: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [start, end],
})

async function refusing(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

export default {
  seeds: [
    file(
      {
        __metadata__: { format: 'pt' },
        'model.embed_tokens.weight': weight('F32', [2, 4], 0, 32),
        'lm_head.weight': weight('BF16', [4], 32, 40),
      },
      40,
    ),
    file({ a: weight('F16', [0], 0, 0) }, 0),
    file({}, 0),
    file([], 8),
    file(null, 8),
  ],
  words: ['"dtype":"F64"', '"shape":[', '"data_offsets":[', '__metadata__', '[[', 'U32', '1e308'],
  async run(bytes) {
    writeFileSync(path, bytes)
    await refusing(() => checkSafetensors(path))
    await refusing(() => {
      if (bytes.length < PREFIX_BYTES) return
      const end = headerEnd('model.safetensors', bytes.subarray(0, PREFIX_BYTES), bytes.length)
      for (const { start, end: stop } of readTensorPlaces('model.safetensors', bytes.subarray(PREFIX_BYTES, end), bytes.length))
        if (!(start >= PREFIX_BYTES && stop >= start && stop <= bytes.length)) throw new Error('a tensor is outside its file')
    })
  },
} satisfies FuzzTarget
