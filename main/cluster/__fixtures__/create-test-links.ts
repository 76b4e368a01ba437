import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { createLinks } from '../link/create-links.ts'
import type { Links, LinksOptions } from '../link/links.ts'

export const silentLog = createLog({ level: 'silent', format: 'json', write: () => {} })

/** The links of a node in the open cluster `test`, on a free port of loopback. */
export function createTestLinks<Message>({
  identity,
  schema,
  ...overrides
}: Pick<LinksOptions<Message>, 'identity' | 'schema'> & Partial<LinksOptions<Message>>): Links<Message> {
  return createLinks({
    identity,
    nodeName: 'node',
    totalBytes: 8e9,
    clusterName: 'test',
    clusterKey: null,
    listen: { host: '127.0.0.1', port: 0 },
    schema,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...overrides,
  })
}
