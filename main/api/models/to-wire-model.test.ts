import { describe, expect, it } from 'vitest'
import { WireModel } from '../../shared/wire/api/openai-models.ts'
import { TEST_CARD } from '../__fixtures__/start-test-api.ts'
import { toWireModel } from './to-wire-model.ts'

describe('toWireModel', () => {
  it.each([
    [{ loaded: true }, 'loaded'],
    [{ loaded: false, isLoading: true }, 'loading'],
    [{ loaded: false }, 'not-loaded'],
  ] as const)('says of %j that it is %s', (fields, state) => {
    const model = toWireModel({ modelId: 'org/tiny', aliases: [], card: TEST_CARD, ...fields }, 1)
    expect(WireModel.parse(model).state).toBe(state)
  })
})
