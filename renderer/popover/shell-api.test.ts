import { expect, it } from 'vitest'
import { Membership } from '../../main/shared/wire/api/membership.ts'
import { shellApi } from './shell-api.ts'

const machine = { nodeId: 'n', name: 'studio', totalBytes: null }
const cluster = { clusterName: 'desk', needsKey: true, machines: [machine], totalBytes: null, obstacle: 'open and closed' }

it('leaves out what a newer node says', async () => {
  const membership = Membership.parse({
    clusterName: 'a',
    hasKey: false,
    admission: 'members',
    closed: null,
    ownClusterName: 'a',
    isSwitching: false,
    nearby: [cluster],
    pairing: null,
  })
  const newer = { ...membership, nearby: [{ ...cluster, machines: [{ ...machine, chip: 'M9' }], mood: 'good' }], colour: 'green' }
  const api = shellApi({ call: () => Promise.resolve(newer as never), onState: () => () => undefined })
  expect(await api.delete('/cluster/pairing', Membership)).toEqual(membership)
})
