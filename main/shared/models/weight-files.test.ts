import { describe, expect, it } from 'vitest'
import { weightFilesOf, withOtherShards } from './weight-files.ts'

const shards = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `model-0000${index + 1}-of-0000${count}.safetensors`)

describe('C01 the weight files of a model', () => {
  it('are those of the index where they are there', () => {
    expect(weightFilesOf([...shards(2), 'model.safetensors', 'config.json'], new Set(shards(2)))).toEqual(shards(2))
    expect(weightFilesOf(['model.safetensors', 'config.json'], null)).toEqual(['model.safetensors'])
    expect(weightFilesOf(['config.json', 'adapters.safetensors'], null)).toEqual([])
  })

  it('are all where the index is left over from another upload', () => {
    expect(weightFilesOf([...shards(2).reverse(), 'config.json'], new Set(shards(5)))).toEqual(shards(2))
    expect(weightFilesOf(['model.safetensors', 'optimizer.safetensors'], new Set(shards(5)))).toEqual(['model.safetensors'])
    expect(weightFilesOf([...shards(3)], new Set(['model.safetensors']))).toEqual(shards(3))
    expect(
      weightFilesOf(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'], new Set(['weights.00.safetensors'])),
    ).toEqual(shards(2))
  })

  it('stay those of the index where some of them are missing and there are no others', () => {
    expect(weightFilesOf(shards(3).slice(0, 2), new Set(shards(3)))).toEqual(shards(3))
    expect(weightFilesOf(['config.json'], new Set(shards(3)))).toEqual(shards(3))
  })

  it('are counted by their names', () => {
    expect(withOtherShards(['model-00002-of-00003.safetensors'])).toEqual(shards(3))
    expect(withOtherShards(['model.safetensors'])).toEqual(['model.safetensors'])
  })
})
