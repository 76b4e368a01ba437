import { describe, expect, it } from 'vitest'
import { aCard } from '../cluster/__fixtures__/builders.ts'
import { quantizationsOf } from './quantizations-of.ts'

const named = (modelId: string, weightBytes = 1e9) => aCard({ modelId: modelId as never, weightBytes })

describe('quantizationsOf', () => {
  it('lists the same model with other numbers of bits, most first', () => {
    const catalogue = [
      named('mlx-community/Llama-3.3-70B-Instruct-4bit', 4e9),
      named('mlx-community/Llama-3.3-70B-Instruct-fp16', 16e9),
      named('mlx-community/Llama-3.3-70B-Instruct-8bit', 8e9),
      named('mlx-community/Meta-Llama-3.1-70B-Instruct-8bit', 8e9),
      named('mlx-community/gpt-oss-20b-MXFP4-Q4'),
    ]
    expect(quantizationsOf(catalogue[0] ?? aCard(), catalogue).map(({ modelId }) => modelId)).toEqual([
      'mlx-community/Llama-3.3-70B-Instruct-4bit',
      'mlx-community/Llama-3.3-70B-Instruct-fp16',
      'mlx-community/Llama-3.3-70B-Instruct-8bit',
    ])
  })

  it('knows other names of quantizations', () => {
    const catalogue = [
      named('mlx-community/gpt-oss-20b-MXFP4-Q8'),
      named('mlx-community/gpt-oss-20b-MXFP4-Q4'),
      named('a/GLM-4.7-8bit-gs32'),
    ]
    expect(quantizationsOf(catalogue[0] ?? aCard(), catalogue)).toHaveLength(2)
    expect(quantizationsOf(named('mlx-community/GLM-4.7-4bit'), catalogue)).toHaveLength(2)
  })
})
