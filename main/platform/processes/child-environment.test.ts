import { describe, expect, it } from 'vitest'
import { childEnvironment } from './child-environment.ts'

describe('childEnvironment', () => {
  it('hands on what this process has, but of MLX only what is given', () => {
    const inherited = { PATH: '/bin', MLX_RANK: '3', MLX_HOSTFILE: '/old', JACCL_DEBUG: '1', MLX_METAL_FAST_SYNCH: '1', MLXISH: 'stays' }
    expect(childEnvironment({ MLX_RANK: '0', EXO_NATIVE_ADDON: '/addon' }, inherited)).toEqual({
      PATH: '/bin',
      MLXISH: 'stays',
      MLX_RANK: '0',
      EXO_NATIVE_ADDON: '/addon',
    })
  })
})
