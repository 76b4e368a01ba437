import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ClassifierDescription, EncoderDescription } from '../family/encoder/encoder-description.ts'
import { readActivation } from '../family/encoder/encoder-family.ts'
import { NativeError } from '../native-error.ts'
import { openCatalog, parseJson } from '../weights/open-catalog.ts'
import type { TensorCatalog } from '../weights/tensor-catalog.ts'
import type { EncoderActivation, EncoderHeadPlan, EncoderLayerPlan, EncoderPlan, MatrixSource, NormPlan } from './decoder-plan.ts'
import type { ModuleTensors } from './module-tensors.ts'
import { WeightPlanner } from './weight-planner.ts'

/** A model folder's tensors, and the dense layers that sentence-transformers applies after the pooling. */
interface EncoderFiles {
  readonly catalog: TensorCatalog
  readonly dense: readonly DenseModule[]
}

interface DenseModule {
  /** The names that its module may have. */
  readonly names: readonly string[]
  readonly inputs: number
  readonly outputs: number
  readonly activation: EncoderActivation
}

const Modules = z.array(z.object({ path: z.string(), type: z.string() }))
const DenseConfig = z.object({
  in_features: z.int().min(1),
  out_features: z.int().min(1),
  activation_function: z.string().default('torch.nn.modules.activation.Tanh'),
})
/** A folder name must not leave the model's folder. */
const DENSE_FOLDER = /^\d+_Dense$/

/** @throws NativeError `model-not-found` | `model-damaged` | `model-unsupported` */
export async function openEncoderFiles(modelDir: string, quantization: unknown): Promise<EncoderFiles> {
  const modulesPath = join(modelDir, 'modules.json')
  const text = await readFile(modulesPath, 'utf8').catch(() => '[]')
  const folders = parseJson(modulesPath, text, Modules).filter(({ type }) => type.endsWith('.Dense'))
  const strange = folders.find(({ path }) => !DENSE_FOLDER.test(path))
  if (strange) throw new NativeError('model-damaged', `${modulesPath} names the folder ${strange.path}.`, { file: modulesPath })
  const own = await openCatalog(modelDir, quantization)
  // Converted models hold these layers in their own files.
  const isWithin = folders.length > 0 && own.has('dense.0.weight')
  const paths = folders.map(({ path }) => path)
  const dense = await Promise.all(
    paths.map(async (path, index): Promise<DenseModule> => {
      const configPath = join(modelDir, path, 'config.json')
      const stated = await readFile(configPath, 'utf8').catch((cause: unknown) => {
        throw new NativeError('model-damaged', `${configPath} is missing. Fetch the model again.`, { file: configPath }, cause)
      })
      const config = parseJson(configPath, stated, DenseConfig)
      const activation = config.activation_function.slice(config.activation_function.lastIndexOf('.') + 1).toLowerCase()
      return {
        names: [`dense.${index}`, `${path}/linear`],
        inputs: config.in_features,
        outputs: config.out_features,
        activation: activation === 'identity' ? 'none' : readActivation('activation_function', activation),
      }
    }),
  )
  return { catalog: isWithin || paths.length === 0 ? own : await openCatalog(modelDir, quantization, paths), dense }
}

/** @throws NativeError `model-damaged` */
export function planEncoder(model: EncoderDescription, { catalog, dense }: EncoderFiles): EncoderPlan {
  const planner = new WeightPlanner(catalog, { rank: 0, ranks: 1 })
  const prefix = model.prefixes.find((start) => planner.has(`${start}${model.embedding}`)) ?? model.prefixes[0]
  const finder = new TensorFinder(planner, catalog, model)
  const embedding = (name: string, rows: number): MatrixSource => finder.matrix(`${prefix}${name}`, rows, model.hiddenSize)
  const words = embedding(model.embedding, model.vocabSize)
  const isRounded = words.weight.type !== 'F32' || words.quantization !== null
  return {
    files: catalog.files,
    hiddenSize: model.hiddenSize,
    vocabSize: model.vocabSize,
    heads: model.heads,
    kvHeads: model.kvHeads,
    headDim: model.headDim,
    attentionScale: model.attentionScale,
    slopes: model.slopes,
    normEpsilon: model.normEpsilon,
    normOffset: model.normOffset,
    isLayerNorm: model.isLayerNorm,
    embedding: words,
    embeddingScale: (isRounded ? model.roundedEmbeddingScale : undefined) ?? model.embeddingScale,
    positions: model.positions && embedding(model.positions.module, model.positions.rows),
    firstPosition: model.positions?.first ?? 0,
    segments: model.segments && embedding(model.segments.module, model.segments.rows),
    embeddingNorm: finder.norm(model.embeddingNorm && `${prefix}${model.embeddingNorm}`),
    ropes: model.ropes,
    layers: model.attention.map((_, index) => planLayer(model, finder, `${prefix}${model.layer(index)}`, index)),
    finalNorm: finder.norm(model.finalNorm && `${prefix}${model.finalNorm}`),
    dense: model.classifier
      ? planClassifier(model, model.classifier, finder, prefix)
      : dense.map(({ names, inputs, outputs, activation }) => ({
          weight: finder.matrixOf(planner.firstModule(names), outputs, inputs),
          activation,
          norm: null,
        })),
    isClassifier: model.classifier !== null,
    isMeanClassified: model.classifier?.isMean ?? false,
  }
}

/** Finds matrices and norms, with a bias where the files have one. */
class TensorFinder {
  readonly #planner: WeightPlanner
  readonly #catalog: TensorCatalog
  readonly #model: EncoderDescription

  constructor(planner: WeightPlanner, catalog: TensorCatalog, model: EncoderDescription) {
    this.#planner = planner
    this.#catalog = catalog
    this.#model = model
  }

  matrixOf(module: ModuleTensors, outputs: number, inputs: number): MatrixSource {
    return this.#planner.matrix(module, { outputs, inputs, hasBias: module.has('bias') })
  }

  matrix(name: string, outputs: number, inputs: number): MatrixSource {
    return this.matrixOf(this.#planner.module(name), outputs, inputs)
  }

  /** The outputs of a matrix as it is stored. */
  outputsOf(name: string): number {
    return this.#catalog.get(`${name}.weight`, null).shape[0] as number
  }

  head(name: string | null): EncoderLayerPlan['queryNorm'] {
    return name === null ? null : this.#planner.vector(`${name}.weight`, this.#model.headDim)
  }

  norm(name: string | null): NormPlan | null {
    if (name === null) return null
    const { hiddenSize } = this.#model
    // Names of older checkpoints.
    const [weight, bias] = this.#catalog.has(`${name}.gamma`) ? ['gamma', 'beta'] : ['weight', 'bias']
    return {
      weight: this.#planner.vector(`${name}.${weight}`, hiddenSize),
      bias: this.#catalog.has(`${name}.${bias}`) ? this.#planner.vector(`${name}.${bias}`, hiddenSize) : null,
    }
  }
}

function planLayer(model: EncoderDescription, finder: TensorFinder, prefix: string, index: number): EncoderLayerPlan {
  const { modules, hiddenSize, headDim, inner } = model
  const norm = (name: string | null): NormPlan | null => finder.norm(name && `${prefix}${name}`)
  const widths = [model.heads * headDim, model.kvHeads * headDim, model.kvHeads * headDim]
  const { queryKeyValue, up, isGated } = modules
  return {
    attentionNorm: index === 0 && modules.isFirstAttentionNormLeftOut ? null : norm(modules.attentionNorm),
    queryKeyValue:
      queryKeyValue.length === 1
        ? [
            finder.matrix(
              `${prefix}${queryKeyValue[0]}`,
              widths.reduce((sum, width) => sum + width, 0),
              hiddenSize,
            ),
          ]
        : queryKeyValue.map((name, part) => finder.matrix(`${prefix}${name}`, widths[part] as number, hiddenSize)),
    queryNorm: finder.head(modules.queryNorm && `${prefix}${modules.queryNorm}`),
    keyNorm: finder.head(modules.keyNorm && `${prefix}${modules.keyNorm}`),
    ...(model.attention[index] as EncoderDescription['attention'][number]),
    attentionOutput: [finder.matrix(`${prefix}${modules.attentionOutput}`, hiddenSize, widths[0] as number)],
    attentionOutputNorm: norm(modules.attentionOutputNorm),
    attentionSumNorm: norm(modules.attentionSumNorm),
    feedForwardNorm: norm(modules.feedForwardNorm),
    up: up.map((name) => finder.matrix(`${prefix}${name}`, (isGated ? 2 / up.length : 1) * inner.size, hiddenSize)),
    isGated,
    activation: inner.activation,
    down: [finder.matrix(`${prefix}${modules.down}`, hiddenSize, inner.size)],
    feedForwardOutputNorm: norm(modules.feedForwardOutputNorm),
    feedForwardSumNorm: norm(modules.feedForwardSumNorm),
  }
}

function planClassifier(
  { hiddenSize }: EncoderDescription,
  { layers }: ClassifierDescription,
  finder: TensorFinder,
  prefix: string,
): EncoderHeadPlan[] {
  return layers.map(({ module, isWithin, activation, norm, outputs }) => {
    const name = isWithin ? `${prefix}${module}` : module
    return { weight: finder.matrix(name, outputs ?? finder.outputsOf(name), hiddenSize), activation, norm: finder.norm(norm) }
  })
}
