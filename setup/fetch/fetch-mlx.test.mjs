import { describe, expect, it } from 'vitest'
import { macTarget } from './fetch-mlx.mjs'

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
