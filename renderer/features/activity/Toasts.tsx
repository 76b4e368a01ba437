import type { ReactNode } from 'react'
import { dismissToast, isFailure, useToastStore } from '../../store/toast-store.ts'
import { Icon } from '../../ui/Icon.tsx'
import { describeActivity, iconOfActivity } from './describe-activity.ts'
import { activityStrings } from './strings.ts'

/** The latest events in the cluster, for a few seconds each. All of them are in the activity log. */
export function Toasts(): ReactNode {
  const toasts = useToastStore((state) => state.toasts)
  return (
    <div className="toasts" role="status" aria-label={activityStrings.toasts}>
      {toasts.map(({ id, activity }) => (
        <div key={id} className={`toast ${isFailure(activity) ? 'toast-failure' : ''}`}>
          <Icon name={iconOfActivity(activity)} />
          <a href="#/activity">{describeActivity(activity)}</a>
          <button type="button" className="icon-button" aria-label={activityStrings.dismiss} onClick={() => dismissToast(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
