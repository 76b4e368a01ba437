import type { Activity } from '../../../main/shared/activity/activity.ts'
import { shortModelName } from '../../ui/format.ts'
import type { IconName } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import { activityStrings } from './strings.ts'

/** An activity as one sentence. The reason of a failure stands apart. */
export function describeActivity({ kind, subject, machine, message }: Activity): string {
  const name = kind.startsWith('model-') || kind.startsWith('download-') ? shortModelName(subject) : subject
  return activityStrings.texts[kind](name, machine ?? message ?? strings.common.thisMachine, machine === null ? null : message)
}

export function iconOfActivity({ kind }: Activity): IconName {
  if (kind.endsWith('-failed')) return 'warning'
  return kind.startsWith('model-') ? 'models' : kind.startsWith('download-') ? 'down' : 'cluster'
}
