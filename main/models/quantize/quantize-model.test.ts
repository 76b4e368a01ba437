import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { plainTensors, writePlainModel } from './__fixtures__/write-plain-model.ts'
import { quantizeModel, type QuantizeModelOptions } from './quantize-model.ts'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'exo-quantize-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const target = () => join(folder, 'made')
const quantize = (options: Partial<QuantizeModelOptions> = {}): Promise<void> =>
  quantizeModel({
    ...{ modelId: 'org/plain', sourceDir: join(folder, 'plain'), targetDir: target(), layers: 2, bits: 4, groupSize: 32, isMixed: false },
    ...options,
  })

async function tensorsOf(dir: string): Promise<Record<string, { dtype: string; shape: number[] }>> {
  const bytes = await readFile(join(dir, 'model.safetensors'))
  const { __metadata__: _, ...tensors } = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))))
  return tensors
}

describe('a quantized copy of a model', () => {
  it('has its matrices in few bits, and everything else as it was', async () => {
    await writePlainModel(join(folder, 'plain'))
    await quantize()
    const tensors = await tensorsOf(target())
    expect(tensors['model.layers.1.self_attn.v_proj.weight']).toMatchObject({ dtype: 'U32', shape: [64, 8] })
    expect(tensors['model.layers.1.self_attn.v_proj.scales']).toMatchObject({ dtype: 'F32', shape: [64, 2] })
    expect(tensors['model.embed_tokens.weight']).toMatchObject({ dtype: 'U32', shape: [32, 8] })
    expect(tensors['model.norm.weight']).toMatchObject({ dtype: 'F32', shape: [64] })
    expect((await readdir(target())).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json'])
  })

  it('has more bits where they matter if it is mixed, and says so', async () => {
    await writePlainModel(join(folder, 'plain'))
    await quantize({ isMixed: true, layers: 2 })
    const { quantization } = JSON.parse(await readFile(join(target(), 'config.json'), 'utf8'))
    const more = { group_size: 32, bits: 6, mode: 'affine' }
    expect(quantization).toEqual({
      ...{ group_size: 32, bits: 4, mode: 'affine', lm_head: more },
      ...{ 'model.layers.1.self_attn.v_proj': more, 'model.layers.1.mlp.down_proj': more },
    })
  })

  it('has the experts of a layer in one tensor, and its router as it was', async () => {
    await writePlainModel(join(folder, 'plain'), plainTensors(11))
    await quantize()
    const tensors = await tensorsOf(target())
    expect(tensors['model.layers.0.mlp.switch_mlp.up_proj.weight']).toMatchObject({ dtype: 'U32', shape: [11, 64, 8] })
    expect(tensors['model.layers.0.mlp.gate.weight']).toMatchObject({ dtype: 'F32', shape: [11, 64] })
    expect(Object.keys(tensors).filter((name) => name.includes('experts'))).toEqual([])
  })

  it('keeps what only Python writes into a config', async () => {
    await writePlainModel(join(folder, 'plain'), plainTensors(), ', "time_step_limit": [0.0, Infinity]')
    await quantize()
    expect(await readFile(join(target(), 'config.json'), 'utf8')).toContain('"time_step_limit": [0.0, Infinity]')
  })

  it.each([
    ['of a model that is quantized', { config: ', "quantization": {"bits": 4}' }, {}, 'quantization-unsupported'],
    ['of 7 bits', {}, { bits: 7 }, 'invalid-request'],
    ['with groups of 48', {}, { groupSize: 48 }, 'invalid-request'],
    ['of a mix of 8 bits', {}, { bits: 8, isMixed: true }, 'invalid-request'],
    [
      'of experts in one tensor',
      { tensors: { ...plainTensors(), 'model.layers.0.mlp.experts.gate_up_proj': [2, 64, 64] } },
      {},
      'quantization-unsupported',
    ],
    [
      'without an expert',
      { tensors: { ...plainTensors(), 'model.layers.0.mlp.experts.999999999.up_proj.weight': [64, 64] } },
      {},
      'model-damaged',
    ],
  ])(
    'is refused %s',
    async (_title, { tensors, config }: { tensors?: Record<string, readonly number[]>; config?: string }, options, code) => {
      await writePlainModel(join(folder, 'plain'), tensors, config)
      await expect(quantize(options)).rejects.toMatchObject({ code })
      expect(await readdir(folder)).toEqual(['plain'])
    },
  )

  it('leaves nothing behind when it is interrupted', async () => {
    await writePlainModel(join(folder, 'plain'))
    const stop = new AbortController()
    const interrupted = quantize({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) })
    await expect(interrupted).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual(['plain'])
  })
})
