import { describe, expect, it } from 'vitest'
import { chooseMlxBuild } from '../../main/domain/launch/choose-mlx-build.ts'
import { macTarget } from '../fetch/fetch-mlx.mjs'

describe('chooseMlxBuild', () => {
  it.each(['23.6.0', '24.6.0', '25.0.0', '25.1.9', '25.2.0', '25.10.1', '26.0.0', 'unheard of'])(
    'agrees with set-up on Darwin %s',
    (release) => expect(chooseMlxBuild({ platform: 'darwin', arch: 'arm64', release })).toBe(macTarget(release)),
  )
  it('knows Linux by its processor', () => {
    expect(chooseMlxBuild({ platform: 'linux', arch: 'x64', release: '6.1.0' })).toBe('linux-x64')
    expect(chooseMlxBuild({ platform: 'linux', arch: 'arm64', release: '6.1.0' })).toBe('linux-arm64')
  })
})
