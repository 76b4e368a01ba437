// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { NodeId } from '../../../../main/shared/ids.ts'
import { PlacementSpeed } from './PlacementSpeed.tsx'

afterEach(cleanup)

const range = (low: number, high: number) => ({ low, likely: (low + high) / 2, high })

it('shows ranges', () => {
  const { container } = render(
    <PlacementSpeed
      speed={{
        decode: [
          { contextTokens: 0, tokensPerSecond: range(18.4, 25.2) },
          { contextTokens: 8192, tokensPerSecond: range(6.3, 9.4) },
          { contextTokens: 65_536, tokensPerSecond: null },
        ],
        prefillTokensPerSecond: range(100, 200),
        firstTokenSeconds: range(20.5, 41),
        sharedTokensPerSecond: range(40, 60),
        memoryLeft: [
          { nodeId: NodeId.parse('a'), bytes: 8 * 2 ** 30 },
          { nodeId: NodeId.parse('b'), bytes: 4 * 2 ** 30 },
        ],
        basis: 'chips',
      }}
    />,
  )
  expect(container.textContent).toBe('18–25 tokens/s at the start · 6.3–9.4 tokens/s at 8K · first token of a 4K prompt after 21–41 s')
})

it('says why there is no prediction', () => {
  const { container } = render(<PlacementSpeed speed={{ unknown: 'The speed of tower is unknown.' }} />)
  expect(container.textContent).toBe('The speed of tower is unknown.')
})
