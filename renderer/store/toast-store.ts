import { create } from 'zustand'
import { activityBetween } from '../../main/shared/activity/activity-between.ts'
import type { Activity, ActivityKind } from '../../main/shared/activity/activity.ts'
import { useClusterStore } from './cluster-store.ts'

export interface Toast {
  readonly id: number
  readonly activity: Activity
}

interface ToastState {
  /** The newest last. */
  readonly toasts: readonly Toast[]
  /** Rises with everything that came or went. */
  readonly noticed: number
}

const MOST_SHOWN = 3
const SHOWN_MS = 6_000
/** A failure takes longer to read. */
const FAILURE_SHOWN_MS = 15_000

/** What a person sees happen anyway, or has just started, needs no toast. */
const TOLD: ReadonlySet<ActivityKind> = new Set([
  'machine-joined',
  'machine-left',
  'machine-updated',
  'cluster-changed',
  'model-ready',
  'model-recovering',
  'model-failed',
  'download-done',
  'download-failed',
])

export const useToastStore = create<ToastState>(() => ({ toasts: [], noticed: 0 }))

export const isFailure = ({ kind }: Activity): boolean => kind.endsWith('-failed')

export function dismissToast(id: number): void {
  useToastStore.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))
}

/** Shows what comes and goes in the cluster as toasts, from now on. @returns ends it */
export function startToasts(setTimer: (callback: () => void, delayMs: number) => void): () => void {
  let lastId = 0
  return useClusterStore.subscribe(({ view }, { view: before }) => {
    if (view === null || before === null || view === before) return
    const happened = activityBetween(before, view)
    if (happened.length === 0) return
    const added = happened.filter(({ kind }) => TOLD.has(kind)).map((activity) => ({ id: ++lastId, activity }))
    useToastStore.setState(({ toasts, noticed }) => ({ toasts: [...toasts, ...added].slice(-MOST_SHOWN), noticed: noticed + 1 }))
    for (const { id, activity } of added) setTimer(() => dismissToast(id), isFailure(activity) ? FAILURE_SHOWN_MS : SHOWN_MS)
  })
}
