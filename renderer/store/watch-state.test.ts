import { describe, expect, it } from 'vitest'
import { applyStateEvent } from './cluster-store.ts'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { ClusterView as ClusterViewSchema } from '../../main/shared/cluster-view.ts'
import { type StateSocket, watchState } from '../client/watch-state.ts'

const STATE = ClusterViewSchema.parse({
  nodeId: 'a',
  clusterName: 'default',
  leader: null,
  nodes: {},
  links: [],
  instances: {},
  downloads: [],
})

class FakeSocket implements StateSocket {
  onmessage: StateSocket['onmessage'] = null
  onclose: StateSocket['onclose'] = null
  isClosed = false
  tell(event: unknown): void {
    this.onmessage?.call(this as unknown as WebSocket, { data: JSON.stringify(event) } as MessageEvent)
  }
  break(): void {
    this.onclose?.call(this as unknown as WebSocket, {} as CloseEvent)
  }
  close(): void {
    this.isClosed = true
  }
}

function watch() {
  const sockets: FakeSocket[] = []
  const timers: { callback: () => void; delayMs: number; isCancelled: boolean }[] = []
  const lost: number[] = []
  let view: ClusterView | null = null
  const watching = watchState({
    openSocket: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    onEvent: (event) => (view = applyStateEvent(view, event)),
    onLost: (retryMs) => lost.push(retryMs),
    setTimer: (callback, delayMs) => {
      const timer = { callback, delayMs, isCancelled: false }
      timers.push(timer)
      return () => (timer.isCancelled = true)
    },
  })
  return { watching, sockets, timers, lost, view: () => view }
}

describe('watchState', () => {
  it('follows a snapshot and its patches', () => {
    const { sockets, view } = watch()
    sockets[0]?.tell({ type: 'patch', operations: [{ op: 'replace', path: '/clusterName', value: 'early' }] })
    expect(view()).toBeNull()
    sockets[0]?.tell({ type: 'snapshot', state: STATE })
    sockets[0]?.tell({ type: 'patch', operations: [{ op: 'replace', path: '/clusterName', value: 'desk' }] })
    expect(view()).toEqual({ ...STATE, clusterName: 'desk' })
  })

  it('follows a node of a newer version: what it does not know is left out', () => {
    const { sockets, view } = watch()
    const machine = { nodeId: 'n', name: 'studio', totalBytes: null, chip: 'M9' }
    const nearby = [{ clusterName: 'desk', needsKey: true, machines: [machine], totalBytes: null, obstacle: null, mood: 'good' }]
    const membership = {
      clusterName: 'a',
      hasKey: false,
      admission: 'members',
      closed: null,
      ownClusterName: 'a',
      isSwitching: false,
      nearby,
      pairing: null,
      colour: 'green',
    }
    sockets[0]?.tell({ type: 'snapshot', state: { ...STATE, newer: {} }, sentAt: 1 })
    sockets[0]?.tell({ type: 'membership', membership })
    sockets[0]?.tell({ type: 'patch', operations: [{ op: 'replace', path: '/clusterName', value: 'desk' }], sequence: 4 })
    expect(sockets[0]?.isClosed).toBe(false)
    expect(view()).toEqual({ ...STATE, clusterName: 'desk' })
  })

  it('comes back, later and later, and soon again after a success', () => {
    const { sockets, timers, lost } = watch()
    for (let round = 0; round < 6; round += 1) {
      sockets.at(-1)?.break()
      timers.at(-1)?.callback()
    }
    expect(lost).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    sockets.at(-1)?.tell({ type: 'snapshot', state: STATE })
    sockets.at(-1)?.break()
    expect(lost.at(-1)).toBe(500)
  })

  it('tries at once when asked, and not twice', () => {
    const { watching, sockets, timers } = watch()
    sockets[0]?.break()
    watching.retryNow()
    watching.retryNow()
    expect([sockets.length, timers[0]?.isCancelled]).toEqual([2, true])
  })

  it('stops for good, and drops a node that it does not understand', () => {
    const { watching, sockets, timers } = watch()
    sockets[0]?.tell({ type: 'news' })
    expect(sockets[0]?.isClosed).toBe(true)
    watching.stop()
    sockets[0]?.break()
    expect(timers).toEqual([])
  })
})
