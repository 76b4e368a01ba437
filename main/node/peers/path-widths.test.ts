import { describe, expect, it } from 'vitest'
import type { PathWidth } from '../../cluster/judge-path-width.ts'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { NodeId } from '../../shared/ids.ts'
import { PathWidths } from './path-widths.ts'

const path = { to: NodeId.parse('b'), address: '10.0.0.2' }

describe('F7: widths of paths', () => {
  it('asks a wide path again after ten seconds, a narrow one each time, and keeps what it knows where nothing comes of it', async () => {
    const clock = new ManualClock()
    const widths = new PathWidths(clock)
    const asked: PathWidth[] = []
    const isNarrow = (width: PathWidth, isInDoubt = false): Promise<boolean> =>
      widths.isNarrow(path, isInDoubt, () => {
        asked.push(width)
        return Promise.resolve(width)
      })
    expect(await isNarrow('wide')).toBe(false)
    expect(await isNarrow('narrow')).toBe(false)
    await clock.advance(10_000)
    expect(await isNarrow('narrow')).toBe(true)
    expect(widths.narrow()).toEqual([path])
    expect(await isNarrow('unknown')).toBe(true)
    expect(await isNarrow('wide')).toBe(false)
    expect(widths.narrow()).toEqual([])
    widths.doubt()
    expect(await isNarrow('unknown')).toBe(false)
    expect(await isNarrow('wide')).toBe(false)
    expect(await isNarrow('narrow', true)).toBe(true)
    expect(asked).toEqual(['wide', 'narrow', 'unknown', 'wide', 'unknown', 'wide', 'narrow'])
  })

  it('asks about many paths more rarely: at most one test each three seconds', async () => {
    const clock = new ManualClock()
    const widths = new PathWidths(clock)
    let tests = 0
    const askAll = async (): Promise<void> => {
      for (let peer = 0; peer < 20; peer += 1)
        await widths.isNarrow({ to: NodeId.parse('b'), address: `10.0.1.${peer}` }, false, () => {
          tests += 1
          return Promise.resolve<PathWidth>('wide')
        })
    }
    await askAll()
    await clock.advance(59_000)
    await askAll()
    expect(tests).toBe(20)
    await clock.advance(1_000)
    await askAll()
    expect(tests).toBe(40)
  })
})
