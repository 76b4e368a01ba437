import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parsePythonJson } from '../../main/shared/formats/parse-python-json.ts'
import { ELEMENT_BYTES } from '../../main/shared/models/element-bytes.ts'
import { weightFilesOf } from '../../main/shared/models/weight-files.ts'
import { NativeError } from '../native-error.ts'
import { presentForeignForms } from './foreign/present-foreign-forms.ts'
import { TensorCatalog, type StoredTensor } from './tensor-catalog.ts'

const HEADER_LIMIT_BYTES = 100_000_000
const INDEX_FILE = 'model.safetensors.index.json'

const Header = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) }),
)
/** A file name must not contain a path, which could leave the folder. */
const Index = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+$/)) })

/**
 * Reads the headers of a model folder's safetensors files and checks them against the files' sizes.
 *
 * @param quantization - `quantization_config` of config.json
 * @param subfolders - with a `model.safetensors` of their own, whose tensors' names then begin with the folder's
 * @throws NativeError `model-not-found` if there are none; `model-damaged`, with the file's name, if one is truncated or invalid;
 *   `quantization-unsupported`
 */
export async function openCatalog(
  modelDir: string,
  quantization: unknown = null,
  subfolders: readonly string[] = [],
): Promise<TensorCatalog> {
  const names = await weightFiles(modelDir)
  const files = [...names, ...subfolders.map((folder) => join(folder, 'model.safetensors'))].map((name) => join(modelDir, name))
  const prefixes = [...names.map(() => ''), ...subfolders.map((folder) => `${folder}/`)]
  const tensors = await Promise.all(
    files.map(async (path, file) =>
      (await readHeader(path, file)).map((tensor) => ({ ...tensor, name: `${prefixes[file]}${tensor.name}` })),
    ),
  )
  return new TensorCatalog(files, presentForeignForms(tensors.flat(), quantization))
}

async function weightFiles(modelDir: string): Promise<string[]> {
  const entries = await readdir(modelDir).catch((cause: unknown) => {
    throw new NativeError('model-not-found', `There is no model folder ${modelDir}.`, { modelDir }, cause)
  })
  const indexPath = join(modelDir, INDEX_FILE)
  const index = entries.includes(INDEX_FILE) ? parseJson(indexPath, await readFile(indexPath, 'utf8'), Index) : null
  const files = weightFilesOf(entries, index && new Set(Object.values(index.weight_map)))
  if (files.length === 0) throw new NativeError('model-not-found', `${modelDir} holds no safetensors files.`, { modelDir })
  return files
}

async function readHeader(path: string, file: number): Promise<StoredTensor[]> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new NativeError('model-damaged', `${path} cannot be opened. Fetch the model again.`, { file: path }, cause)
  })
  try {
    const fileBytes = (await handle.stat()).size
    const damaged = (why: string) => new NativeError('model-damaged', `${path} ${why}. Fetch the model again.`, { file: path, fileBytes })
    const headerBytes = Number((await readExactly(handle, 0, 8, damaged)).readBigUInt64LE())
    if (headerBytes > HEADER_LIMIT_BYTES || headerBytes < 2) throw damaged('is no safetensors file')
    if (8 + headerBytes > fileBytes) throw damaged('ends within its header')
    const text = (await readExactly(handle, 8, headerBytes, damaged)).toString('utf8')
    const { __metadata__: _, ...described } = parseJson(path, text, z.record(z.string(), z.unknown()))
    const header = Header.safeParse(described)
    if (!header.success) throw damaged('has a header that is not of the safetensors format')
    return Object.entries(header.data).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const elements = shape.reduce((product, size) => product * size, 1)
        const bytes = elements * (ELEMENT_BYTES[dtype] ?? 0)
        if (ELEMENT_BYTES[dtype] !== undefined && bytes !== end - start)
          throw damaged(`gives tensor ${name} ${end - start} bytes, where its shape takes ${bytes}`)
        if (8 + headerBytes + end > fileBytes)
          throw damaged(`is cut off: tensor ${name} should reach byte ${8 + headerBytes + end}, and the file has ${fileBytes}`)
        return { name, file, offsetBytes: 8 + headerBytes + start, type: dtype, shape }
      },
    )
  } finally {
    await handle.close()
  }
}

async function readExactly(handle: FileHandle, position: number, bytes: number, damaged: (why: string) => NativeError): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, position + done)
    if (bytesRead === 0) throw damaged('is too short for a safetensors file')
    done += bytesRead
  }
  return buffer
}

/** @throws NativeError `model-damaged` if the text is not JSON of this schema */
export function parseJson<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = parsePythonJson(text)
  } catch (cause) {
    throw new NativeError('model-damaged', `${path} is not JSON. Fetch the model again.`, { file: path }, cause)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new NativeError('model-damaged', `${path}: ${z.prettifyError(parsed.error)}`, { file: path })
}
