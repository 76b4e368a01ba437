import type { ReactNode } from 'react'
import type { LoggedActivity } from '../../../main/shared/activity/activity.ts'
import { errorText } from '../../client/error-text.ts'
import { isFailure } from '../../store/toast-store.ts'
import { formatClock, formatDay } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { Panel, View } from '../../ui/View.tsx'
import { describeActivity, iconOfActivity } from './describe-activity.ts'
import { activityStrings } from './strings.ts'
import { useActivity } from './use-activity.ts'

/** What came and went: machines, models and downloads, by day, the newest first. */
export function ActivityView(): ReactNode {
  const { data, error, reload } = useActivity()
  const days = groupByDay(data ?? [])
  return (
    <View title={strings.routes.activity} body={activityStrings.body}>
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      {data === null && !error && <p className="muted">{strings.common.loading}</p>}
      {data?.length === 0 && <EmptyState title={activityStrings.empty} />}
      {days.map(([day, entries]) => (
        <Panel key={day} title={day}>
          <ol className="activity">
            {entries.map((entry) => (
              <li key={entry.id} data-failure={isFailure(entry)}>
                <time dateTime={new Date(entry.atMs).toISOString()} className="muted number-text">
                  {formatClock(entry.atMs)}
                </time>
                <Icon name={iconOfActivity(entry)} />
                <span>
                  {describeActivity(entry)}
                  {isFailure(entry) && entry.message !== null && (
                    <span className="muted small activity-reason">{errorText(entry.code ?? null, entry.message)}</span>
                  )}
                </span>
              </li>
            ))}
          </ol>
        </Panel>
      ))}
    </View>
  )
}

function groupByDay(entries: readonly LoggedActivity[]): [day: string, entries: LoggedActivity[]][] {
  const days = new Map<string, LoggedActivity[]>()
  for (const entry of entries) days.set(formatDay(entry.atMs), [...(days.get(formatDay(entry.atMs)) ?? []), entry])
  return [...days]
}
