import { CatalogueRow } from '../model-listing.ts'

/** A row of the catalogue as the node sends it. */
export function catalogueRow(
  modelId: string,
  weightBytes: number,
  changes: Partial<CatalogueRow> & { readonly bits?: number } = {},
): CatalogueRow {
  const { bits = 4, ...fields } = changes
  return CatalogueRow.parse({
    modelId,
    aliases: [],
    loaded: false,
    isHere: false,
    isOurs: false,
    capabilities: ['completion'],
    card: {
      modelId,
      family: 'llama',
      layers: 32,
      hiddenSize: 64,
      attentionHeads: 4,
      kvHeads: 2,
      headDim: 16,
      vocabSize: 256,
      weightBytes,
      contextTokens: 131_072,
      quantization: bits === 16 ? null : { bits, groupSize: 64 },
    },
    ...fields,
  })
}
