import { describe, expect, it } from 'vitest'
import { macTarget, otherLibrary } from './fetch-mlx.mjs'

describe('macTarget', () => {
  it.each([
    ['23.6.0', 'macos14-arm64'],
    ['25.0.0', 'macos14-arm64'],
    ['25.1.0', 'macos14-arm64'],
    ['25.2.0', 'macos26-arm64'],
    ['25.10.1', 'macos26-arm64'],
    ['26.0.0', 'macos26-arm64'],
    ['unheard of', 'macos14-arm64'],
  ])('takes for Darwin %s the wheel %s', (release, target) => expect(macTarget(release)).toBe(target))
})

describe('EXO_MLX', () => {
  it('chooses the library that the engine is linked with', () => {
    expect(otherLibrary('', 'linux-x64')).toBeNull()
    expect(otherLibrary('cuda', 'linux-x64')).toBe('linux-x64-cuda')
    expect(() => otherLibrary('cuda', 'macos26-arm64')).toThrow('EXO_MLX=cuda is not possible on macos26-arm64')
    expect(() => otherLibrary('rocm', 'linux-x64')).toThrow("it can be 'cuda'")
  })
})
