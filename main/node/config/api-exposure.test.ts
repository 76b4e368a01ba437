import { expect, it } from 'vitest'
import { apiExposure } from './api-exposure.ts'

it.each([
  ['nothing is set', { host: null, asksForToken: true }, null, { host: '127.0.0.1', isBySetting: false }],
  ['the setting is on', { host: null, asksForToken: true }, true, { host: '0.0.0.0', isBySetting: true }],
  ['a host is given', { host: '127.0.0.1', asksForToken: true }, true, { host: '127.0.0.1', isBySetting: false }],
  ['no token is asked for', { host: null, asksForToken: false }, true, { host: '127.0.0.1', isBySetting: false }],
] as const)('the API listens as it should where %s', (_, config, isOnNetwork, exposure) =>
  expect(apiExposure(config, { isOnNetwork })).toEqual(exposure),
)
