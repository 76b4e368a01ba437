import { describe, expect, it } from 'vitest'
import { catalogueRow } from './__fixtures__/catalogue-row.ts'
import { fitOf, preferredVariant } from './model-fit.ts'
import { familyOf, groupModels, splitQuantization } from './model-groups.ts'

describe('a model’s name', () => {
  it.each([
    ['Qwen3-8B-4bit', 'Qwen3-8B', '4bit'],
    ['GLM-4.7-8bit-gs32', 'GLM-4.7', '8bit-gs32'],
    ['gpt-oss-20b-MXFP4-Q8', 'gpt-oss-20b', 'MXFP4-Q8'],
    ['Llama-3.3-70B-Instruct-fp16', 'Llama-3.3-70B-Instruct', 'fp16'],
    ['Llama-3.1-Nemotron-Nano-4B-v1.1-bf16', 'Llama-3.1-Nemotron-Nano-4B-v1.1', 'bf16'],
    ['Qwen3-4B-4bit-DWQ', 'Qwen3-4B', '4bit-DWQ'],
    ['MiniMax-M2.7', 'MiniMax-M2.7', ''],
    ['4bit', '4bit', ''],
  ])('%s ends with its quantization', (name, base, quantization) => expect(splitQuantization(name)).toEqual({ base, quantization }))

  it('tells its family as people know it', () => {
    expect(familyOf('DeepSeek-R1-Distill-Llama-70B', 'llama')).toBe('DeepSeek')
    expect(familyOf('gemma-3-1b-it', 'gemma3_text')).toBe('Gemma')
    expect(familyOf('unheard-of', 'mamba2')).toBe('mamba2')
  })
})

describe('groupModels', () => {
  it('puts the quantizations of a model together, the smallest first', () => {
    const groups = groupModels([
      catalogueRow('org/Qwen3-8B-8bit', 8, { bits: 8 }),
      catalogueRow('other/Qwen3-8B-4bit', 4),
      catalogueRow('org/Qwen3-8B-4bit', 4),
    ])
    expect(groups.map(({ name, variants }) => [name, variants.map(({ label }) => label)])).toEqual([
      ['Qwen3-8B', ['4-bit', '8-bit']],
      ['Qwen3-8B', ['4-bit']],
    ])
  })
  it('tells two quantizations with the same bits apart by their names', () => {
    const [group] = groupModels([catalogueRow('org/GLM-4.7-8bit', 8, { bits: 8 }), catalogueRow('org/GLM-4.7-8bit-gs32', 9, { bits: 8 })])
    expect(group?.variants.map(({ label }) => label)).toEqual(['8bit', '8bit-gs32'])
  })
  it('leaves what the user made from a model by itself', () => {
    const groups = groupModels([catalogueRow('org/Qwen3-8B-4bit', 4), catalogueRow('mine', 4, { madeFrom: 'org/Qwen3-8B-4bit' })])
    expect(groups.map(({ name }) => name)).toEqual(['Qwen3-8B', 'mine'])
  })
})

describe('the quantization that is offered first', () => {
  const memory = { freeBytes: 20, totalBytes: 30 }
  const offered = (...rows: ReturnType<typeof catalogueRow>[]) => preferredVariant(rows, memory)?.modelId
  const rows = [catalogueRow('a-4bit', 4), catalogueRow('a-8bit', 8, { bits: 8 }), catalogueRow('a-16bit', 15, { bits: 16 })] as const
  it('is the best that fits well', () => expect(offered(...rows)).toBe('a-8bit'))
  it('is one that is here', () => expect(offered(...rows, catalogueRow('a-2bit', 2, { isHere: true }))).toBe('a-2bit'))
  it('is the smallest where none fits', () => expect(offered(catalogueRow('b-4bit', 40), catalogueRow('b-8bit', 80))).toBe('b-4bit'))
})

it('a model fits only where placements leave it room: a tenth of the memory stays free', () => {
  const memory = { freeBytes: 100, totalBytes: 200 }
  expect([90, 91, 180, 181, null].map((bytes) => fitOf(bytes, memory))).toEqual(['fits', 'tight', 'tight', 'never', 'unknown'])
})
