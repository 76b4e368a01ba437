import { expect, it } from 'vitest'
import { sortPaths } from './sort-paths.ts'

it('B44: local addresses of a link are shown on demand, unless there are no others', () => {
  expect(sortPaths(['rdma_en3', '127.0.0.1 (encrypted)', '10.0.0.2', 'fe80::1'])).toEqual({
    main: ['rdma_en3', '10.0.0.2'],
    more: ['127.0.0.1 (encrypted)', 'fe80::1'],
  })
  expect(sortPaths(['169.254.1.2', 'fe80::1'])).toEqual({ main: ['169.254.1.2'], more: ['fe80::1'] })
})
