import type { LayerRange } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import type { AttentionPlan, ReceivedKeys } from './decoder-plan.ts'

/**
 * Which layers of a stage attend to keys and values of other layers. Those of earlier stages arrive with the hidden state, and the
 * first layer of the stage that attends to them stores them.
 */
export class SharedKeys {
  readonly #model: DecoderDescription
  readonly #stage: LayerRange

  constructor(model: DecoderDescription, stage: LayerRange) {
    this.#model = model
    this.#stage = stage
  }

  /** @param layer - its index in the model */
  of(layer: number): Pick<AttentionPlan, 'keysOf' | 'areKeysReceived' | 'areKeysSent'> {
    const source = this.#sourceOf(layer)
    if (source === null) return { keysOf: -1, areKeysReceived: false, areKeysSent: this.#areSent(layer) }
    const holder = source >= this.#stage.start ? source : this.#firstUser(source)
    return holder === layer
      ? { keysOf: -1, areKeysReceived: true, areKeysSent: false }
      : { keysOf: holder - this.#stage.start, areKeysReceived: false, areKeysSent: false }
  }

  /** What the stage receives, in the order of the layers that produce it. */
  received(): ReceivedKeys[] {
    return Array.from({ length: this.#stage.start }, (_, source) => source).flatMap((source) => {
      const user = this.#firstUser(source)
      const areSent = this.#areSent(source)
      if (user < 0 && !areSent) return []
      const { kvHeads, headDim, valueDim } = { valueDim: null, ...this.#model, ...this.#model.layerAttention[source] }
      return [{ layer: user < 0 ? -1 : user - this.#stage.start, width: kvHeads * (headDim + (valueDim ?? headDim)), areSent }]
    })
  }

  #sourceOf(layer: number): number | null {
    return this.#model.layerAttention[layer]?.keysOf ?? null
  }

  /** The first layer of the stage that attends to the keys of an earlier one; -1: none. */
  #firstUser(source: number): number {
    const { start, end } = this.#stage
    return Array.from({ length: end - start }, (_, offset) => start + offset).find((layer) => this.#sourceOf(layer) === source) ?? -1
  }

  #areSent(source: number): boolean {
    return this.#model.layerAttention.some((_, layer) => layer >= this.#stage.end && this.#sourceOf(layer) === source)
  }
}
