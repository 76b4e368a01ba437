import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { defaultModelGguf } from '../__fixtures__/default-model-file.ts'
import { ggufBytes, tinyLlama, writeTinyLlama } from './__fixtures__/write-gguf-file.ts'
import { importGguf } from './import-gguf.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-import-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const readJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>

/** Name, shape and numbers of each tensor in a file of float32 tensors. */
async function readFloatTensors(path: string): Promise<Record<string, { shape: number[]; values: number[] }>> {
  const bytes = await readFile(path)
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >
  return Object.fromEntries(
    Object.entries(header).flatMap(([name, entry]) => {
      if (name === '__metadata__') return []
      const [start, end] = entry.data_offsets.map((offset) => 8 + headerBytes + offset) as [number, number]
      return [[name, { shape: entry.shape, values: [...new Float32Array(Uint8Array.from(bytes.subarray(start, end)).buffer)] }]]
    }),
  )
}

describe('importGguf', () => {
  it('writes the folder of a small model, with rope rows of q and k back in order', async () => {
    const ggufPath = join(folder, 'tiny.gguf')
    await writeTinyLlama(ggufPath)
    const targetDir = join(folder, 'tiny')
    await importGguf({ ggufPath, targetDir })
    expect((await readdir(targetDir)).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    const tensors = await readFloatTensors(join(targetDir, 'model.safetensors'))
    const rows = (numbers: readonly number[]): number[] => numbers.flatMap((row) => [0, 1, 2, 3].map((column) => 4 * row + column))
    expect(tensors['model.layers.0.self_attn.q_proj.weight']).toEqual({ shape: [4, 4], values: rows([0, 2, 1, 3]) })
    expect(tensors['model.layers.0.self_attn.v_proj.weight']).toEqual({ shape: [4, 4], values: rows([0, 1, 2, 3]) })
    expect(tensors['model.norm.weight']).toEqual({ shape: [4], values: [0, 1, 2, 3] })
    expect(await readJson(join(targetDir, 'config.json'))).toMatchObject({
      model_type: 'llama',
      num_key_value_heads: 1,
      head_dim: 4,
      vocab_size: 5,
      rms_norm_eps: 1.5,
      rope_theta: 10000,
      tie_word_embeddings: true,
      eos_token_id: 1,
    })
    expect((await readJson(join(targetDir, 'config.json')))['quantization']).toBeUndefined()
  })

  it('gives the default model the tensors that MLX reads from the same file', async () => {
    const targetDir = join(folder, 'default')
    const progress: number[] = []
    await importGguf({
      ggufPath: defaultModelGguf(),
      targetDir,
      onProgress: (doneBytes, totalBytes) => progress.push(doneBytes / totalBytes),
    })
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(1)
    // Recorded when all 694 tensors had been compared with mx.load of mlx 0.32.4 (q and k reordered) and were equal.
    const digest = createHash('sha256')
      .update(await readFile(join(targetDir, 'model.safetensors')))
      .digest('hex')
    expect(digest).toBe('49f7b5aca0ee607318558d42d5a2b03a0b42d50b47c8f0febabc22554dae34ad')
    expect(await readJson(join(targetDir, 'config.json'))).toMatchObject({
      quantization: { group_size: 32, bits: 4, mode: 'affine', 'model.embed_tokens': { group_size: 32, bits: 8, mode: 'affine' } },
      rms_norm_eps: 1e-5,
      rope_theta: 100000,
    })
  })

  it('C06 takes rope frequencies beside the weights, no unknown token and no chat template', async () => {
    const ggufPath = join(folder, 'odd.gguf')
    await writeTinyLlama(ggufPath, ({ metadata, tensors }) => {
      delete metadata['tokenizer.ggml.unknown_token_id']
      delete metadata['tokenizer.chat_template']
      metadata['llama.rope.freq_base'] = 100_000_000
      const bytes = new Uint8Array(Float32Array.from([1, 32]).buffer)
      tensors.push({ name: 'rope_freqs.weight', shape: [2], typeId: 0, bytes })
    })
    const targetDir = join(folder, 'odd')
    await importGguf({ ggufPath, targetDir })
    expect(await readJson(join(targetDir, 'tokenizer_config.json'))).not.toHaveProperty('chat_template')
    expect(await readJson(join(targetDir, 'config.json'))).toMatchObject({ rope_scaling: { rope_type: 'llama3', factor: 32 } })
  })

  it('C06 names the tensor and the type that it cannot convert, and what to fetch instead', async () => {
    const ggufPath = join(folder, 'unsupported.gguf')
    await writeTinyLlama(ggufPath, ({ tensors }) => {
      const index = tensors.findIndex((tensor) => tensor.name === 'blk.0.ffn_up.weight')
      tensors[index] = { ...tensors[index]!, typeId: 16 }
    })
    await expect(importGguf({ ggufPath, targetDir: join(folder, 'never') })).rejects.toMatchObject({
      code: 'model-unsupported',
      details: { tensor: 'blk.0.ffn_up.weight', type: 'IQ2_XXS' },
      message: expect.stringMatching(/blk\.0\.ffn_up\.weight is stored as IQ2_XXS.*Q8_0.*exo models pull/),
    })
  })

  it.each([
    [
      'qwen3moe',
      'mlp',
      { model_type: 'qwen3_moe', num_experts: 3, num_experts_per_tok: 2, moe_intermediate_size: 8, norm_topk_prob: true },
    ],
    ['llama', 'block_sparse_moe', { model_type: 'mixtral', num_local_experts: 3, num_experts_per_tok: 2 }],
  ])('imports the experts of a %s file as stacks', async (architecture, module, config) => {
    const { metadata, tensors } = tinyLlama()
    const ofArchitecture = Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [key.replace(/^llama\./, `${architecture}.`), value]),
    )
    const counted = (shape: readonly number[]): Uint8Array =>
      new Uint8Array(Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => index).buffer)
    const shapes: Record<string, number[]> = {
      'ffn_gate_inp.weight': [3, 4],
      'ffn_gate_exps.weight': [3, 8, 4],
      'ffn_up_exps.weight': [3, 8, 4],
      'ffn_down_exps.weight': [3, 4, 8],
      ...(architecture === 'qwen3moe' ? { 'attn_q_norm.weight': [4], 'attn_k_norm.weight': [4] } : {}),
    }
    const ggufPath = join(folder, `${architecture}-experts.gguf`)
    const targetDir = join(folder, `${architecture}-experts`)
    await writeFile(
      ggufPath,
      ggufBytes(
        {
          ...ofArchitecture,
          'general.architecture': architecture,
          [`${architecture}.expert_count`]: 3,
          [`${architecture}.expert_used_count`]: 2,
          ...(architecture === 'qwen3moe' ? { [`${architecture}.expert_feed_forward_length`]: 8 } : {}),
        },
        [
          ...tensors.filter(({ name }) => !/ffn_(gate|up|down)\.weight/.test(name)),
          ...Object.entries(shapes).map(([name, shape]) => ({ name: `blk.0.${name}`, shape, typeId: 0, bytes: counted(shape) })),
        ],
      ),
    )
    await importGguf({ ggufPath, targetDir })
    expect(await readJson(join(targetDir, 'config.json'))).toMatchObject(config)
    const written = await readFloatTensors(join(targetDir, 'model.safetensors'))
    expect(written[`model.layers.0.${module}.gate.weight`]?.shape).toEqual([3, 4])
    expect(written[`model.layers.0.${module}.switch_mlp.down_proj.weight`]).toEqual({
      shape: [3, 4, 8],
      values: Array.from({ length: 96 }, (_, index) => index),
    })
  })

  const partPath = (index: number, count: number): string =>
    join(folder, 'parts', `tiny-${String(index).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`)
  /** The tiny model in two files, the first of which has the metadata. */
  async function writeParts(change: (index: number, metadata: Record<string, unknown>) => void = () => undefined): Promise<void> {
    const { metadata, tensors } = tinyLlama()
    await mkdir(join(folder, 'parts'), { recursive: true })
    for (const index of [0, 1]) {
      const own = { ...(index === 0 ? metadata : {}), 'split.no': index, 'split.count': 2, 'split.tensors.count': tensors.length }
      change(index, own)
      await writeFile(partPath(index + 1, 2), ggufBytes(own, index === 0 ? tensors.slice(0, 3) : tensors.slice(3)))
    }
  }

  it.each([1, 2])('imports a model in two files as it does the same model in one, given part %i', async (given) => {
    await writeParts()
    await writeTinyLlama(join(folder, 'whole.gguf'))
    const [whole, fromParts] = [join(folder, `whole-${given}`), join(folder, `from-parts-${given}`)]
    await importGguf({ ggufPath: join(folder, 'whole.gguf'), targetDir: whole })
    await importGguf({ ggufPath: partPath(given, 2), targetDir: fromParts })
    for (const name of await readdir(whole)) expect(await readFile(join(fromParts, name))).toEqual(await readFile(join(whole, name)))
  })

  it('refuses parts that are missing, renamed or of different models', async () => {
    const importParts = (path = partPath(1, 2)) => importGguf({ ggufPath: path, targetDir: join(folder, 'never') })
    await writeParts()
    await rename(partPath(1, 2), join(folder, 'parts', 'other.gguf'))
    await expect(importParts(join(folder, 'parts', 'other.gguf'))).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringMatching(/one of 2 parts.*under the names/),
    })
    await expect(importParts(partPath(2, 2))).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringMatching(/00001-of-00002/),
    })
    await writeParts((index, metadata) => void (metadata['split.no'] = 1 - index))
    await expect(importParts()).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringMatching(/do not belong together/) })
    await writeParts((index, metadata) => void (metadata['split.count'] = 3 - index))
    await expect(importParts()).rejects.toMatchObject({ code: 'model-damaged' })
  })

  it.each([
    ['a family that is not known', 'general.architecture', 'mamba', 'model-unsupported'],
    ['a pre-tokenizer that is not known', 'tokenizer.ggml.pre', 'other', 'model-unsupported'],
    ['a tokenizer that is not known', 'tokenizer.ggml.model', 'bert', 'model-unsupported'],
    ['rope scaling that is not known', 'llama.rope.scaling.type', 'longrope', 'model-unsupported'],
    ['experts without their tensors', 'llama.expert_count', 8, 'model-damaged'],
    ['more layers than tensors', 'llama.block_count', 4_000_000_000, 'model-damaged'],
    ['shapes that do not fit', 'llama.feed_forward_length', 16, 'model-damaged'],
    ['no width', 'llama.embedding_length', 'wide', 'model-damaged'],
  ])('refuses %s', async (_, key, value, code) => {
    const ggufPath = join(folder, 'refused.gguf')
    await writeTinyLlama(ggufPath, ({ metadata }) => {
      metadata[key] = value
    })
    await expect(importGguf({ ggufPath, targetDir: join(folder, 'never') })).rejects.toMatchObject({ code })
  })

  it('refuses a file that is not there, cut off anywhere, or damaged, and leaves nothing behind', async () => {
    const { metadata, tensors } = tinyLlama()
    const whole = ggufBytes(metadata, tensors)
    const home = await mkdtemp(join(folder, 'damage-'))
    const ggufPath = join(folder, 'damaged.gguf')
    const targetDir = join(home, 'model')
    const importOrRefuse = async (bytes: Buffer): Promise<string> => {
      await writeFile(ggufPath, bytes)
      try {
        await importGguf({ ggufPath, targetDir })
        await rm(targetDir, { recursive: true })
        return 'imported'
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return error.code
      }
    }
    await expect(importGguf({ ggufPath: join(folder, 'nowhere.gguf'), targetDir })).rejects.toMatchObject({ code: 'model-not-found' })
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 33), async (length) => {
        expect(await importOrRefuse(whole.subarray(0, length))).toBe('model-damaged')
      }),
      { numRuns: 60 },
    )
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = Buffer.from(whole)
        for (const { at, byte } of changes) damaged[at] = byte
        await importOrRefuse(damaged)
      }),
      { numRuns: 200 },
    )
    expect(await readdir(home)).toEqual([])
  })

  it('stops when told to, and leaves nothing behind', async () => {
    const home = await mkdtemp(join(folder, 'abort-'))
    const abort = new AbortController()
    const imported = importGguf({
      ggufPath: defaultModelGguf(),
      targetDir: join(home, 'model'),
      signal: abort.signal,
      onProgress: (doneBytes) => {
        if (doneBytes > 10e6) abort.abort(new AppError('cancelled', 'enough'))
      },
    })
    await expect(imported).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(home)).toEqual([])
  })

  it('does not replace a folder that is there', async () => {
    const ggufPath = join(folder, 'twice.gguf')
    await writeTinyLlama(ggufPath)
    await importGguf({ ggufPath, targetDir: join(folder, 'twice') })
    await expect(importGguf({ ggufPath, targetDir: join(folder, 'twice') })).rejects.toMatchObject({ code: 'model-exists' })
  })
})
