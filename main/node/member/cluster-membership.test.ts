import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import { ClusterMembership } from './cluster-membership.ts'
import type { NodeSettings } from '../files/node-settings.ts'
import type { ClusterMember } from './start-cluster-member.ts'

const HOME: ClusterChoice = { clusterName: 'home', clusterKey: 'secret', isOpen: false }
const API_PORT = 8080

interface Started {
  readonly choice: ClusterChoice
  readonly peerPort: number | null
  apiPort: number | null
  isStopped: boolean
}

/** @param failing - the clusters that cannot be started, in the order in which they are tried */
async function setUp(failing: readonly string[]) {
  const started: Started[] = []
  const failures: unknown[] = []
  const changes: Partial<NodeSettings>[] = []
  const toFail = [...failing]
  const joins: number[] = []
  const membership = await ClusterMembership.start(
    {
      settings: {
        current: () => ({
          cluster: null,
          ownClusterKey: null,
          hubToken: null,
          machine: { port: null, peerPort: null, maxMemoryBytes: null, modelCacheDir: null, isOnNetwork: null },
        }),
        change: async (part) => void changes.push(part),
      },
      desk: {
        view: () => null,
        check: async () => undefined,
        start: async () => undefined,
        confirm: () => undefined,
        cancel: () => undefined,
      },
      own: { clusterName: 'mac (ab12)', clusterKey: null, isOpen: false },
      isOpen: false,
      onJoin: () => void joins.push(1),
      log: { info: () => undefined, error: () => undefined },
      startMember: async (choice, peerPort) => {
        if (choice.clusterName === toFail[0]) {
          toFail.shift()
          throw new AppError('port-in-use', `${choice.clusterName} cannot be started.`)
        }
        const standing: Started = { choice, peerPort, apiPort: null, isStopped: false }
        started.push(standing)
        const member: Pick<ClusterMember, 'peers' | 'peerPort' | 'setApiPort' | 'stop' | 'admission'> & {
          control: Pick<ClusterMember['control'], 'onState'>
        } = {
          control: { onState: () => undefined },
          admission: null,
          peers: () => [],
          peerPort: () => 5000,
          setApiPort: (port) => (standing.apiPort = port),
          stop: async () => void (standing.isStopped = true),
        }
        return member as ClusterMember
      },
      onFailed: (error) => failures.push(error),
    },
    HOME,
    new AbortController().signal,
  )
  membership.setApiPort(API_PORT)
  return { membership, started, failures, changes, joins }
}

describe('joining another cluster', () => {
  it('ends what runs in the one before with cluster-changed, and keeps the ports', async () => {
    const { membership, started, changes } = await setUp([])
    const { ended } = membership.serving()
    await membership.join({ clusterName: 'desk' })
    expect(ended.reason).toMatchObject({ code: 'cluster-changed' })
    expect(started).toEqual([
      { choice: HOME, peerPort: null, apiPort: API_PORT, isStopped: true },
      { choice: { clusterName: 'desk', clusterKey: null, isOpen: false }, peerPort: 5000, apiPort: API_PORT, isStopped: false },
    ])
    expect(membership.serving().ended.aborted).toBe(false)
    expect(changes).toEqual([{ cluster: { name: 'desk', key: null } }])
  })

  it('A3: leaves to its own closed cluster without asking a peer, by either route', async () => {
    const { membership, started, joins } = await setUp([])
    await membership.leave()
    expect(started.at(-1)?.choice).toEqual({ clusterName: 'mac (ab12)', clusterKey: null, isOpen: false })
    await membership.join({ clusterName: 'mac (ab12)' })
    expect(membership.view()).toMatchObject({ clusterName: 'mac (ab12)', hasKey: true, admission: 'members' })
    expect(joins).toEqual([])
  })

  it('B2: forms none with a key that is quickly guessed', async () => {
    const { membership, started } = await setUp([])
    await expect(membership.join({ clusterName: 'desk', key: 'hunter2' })).rejects.toMatchObject({ code: 'cluster-key-short' })
    expect(started).toHaveLength(1)
  })

  it('goes back to the one before where it fails, and forgets that it was tried', async () => {
    const { membership, started, failures, changes } = await setUp(['desk'])
    await expect(membership.join({ clusterName: 'desk' })).rejects.toMatchObject({ code: 'port-in-use' })
    expect(started.map(({ choice, isStopped }) => [choice, isStopped])).toEqual([
      [HOME, true],
      [HOME, false],
    ])
    expect(started[1]).toMatchObject({ peerPort: 5000, apiPort: API_PORT })
    expect(membership.view()).toMatchObject({ clusterName: 'home', hasKey: true, isSwitching: false })
    expect(membership.serving().ended.aborted).toBe(false)
    expect([failures, changes]).toEqual([[], []])
    await membership.join({ clusterName: 'desk' }) // it can be tried again
    expect(membership.view().clusterName).toBe('desk')
  })

  it('ends the node where the one before cannot be started either', async () => {
    const { membership, failures } = await setUp(['desk', 'home'])
    await expect(membership.join({ clusterName: 'desk' })).rejects.toMatchObject({ message: 'desk cannot be started.' })
    expect(failures).toMatchObject([{ message: 'home cannot be started.' }])
  })

  it('serves no requests meanwhile, and refuses a second change', async () => {
    const { membership } = await setUp([])
    const joining = membership.join({ clusterName: 'desk' })
    expect(() => membership.serving()).toThrow(expect.objectContaining({ code: 'cluster-switching' }))
    await expect(membership.leave()).rejects.toMatchObject({ code: 'cluster-switching' })
    await joining
    expect(membership.view()).toMatchObject({ clusterName: 'desk', isSwitching: false })
  })
})
