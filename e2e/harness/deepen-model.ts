import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * Writes a copy of a Llama model with additional layers that have no effect, since their last matrices are zero. It gives the
 * same answers at the cost of a deeper model, so the original is its best possible draft.
 */
export async function deepenModel(modelDir: string, folder: string, moreLayers: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) await cp(join(modelDir, file), join(folder, file))
  const config = JSON.parse(await readFile(join(modelDir, 'config.json'), 'utf8')) as { num_hidden_layers: number }
  const layers = config.num_hidden_layers
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: layers + moreLayers }))

  const file = await readFile(join(modelDir, 'model.safetensors'))
  const dataStart = 8 + Number(file.readBigUInt64LE())
  const header = JSON.parse(file.subarray(8, dataStart).toString('utf8')) as Record<string, Entry>
  const prefix = `model.layers.${layers - 1}.`
  const last = Object.entries(header).filter(([name]) => name.startsWith(prefix))
  const parts = [file.subarray(dataStart)]
  let end = file.length - dataStart
  for (let layer = layers; layer < layers + moreLayers; layer++) {
    for (const [name, entry] of last) {
      const part = file.subarray(dataStart + entry.data_offsets[0], dataStart + entry.data_offsets[1])
      const isZero = /(o_proj|down_proj)\.(scales|biases|weight)$/.test(name)
      parts.push(isZero ? Buffer.alloc(part.length) : part)
      header[name.replace(prefix, `model.layers.${layer}.`)] = { ...entry, data_offsets: [end, end + part.length] }
      end += part.length
    }
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  await writeFile(join(folder, 'model.safetensors'), Buffer.concat([length, text, ...parts]))
}
