import { z } from 'zod'
import { LoggedActivity } from '../../../main/shared/activity/activity.ts'
import { type Resource, useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useToastStore } from '../../store/toast-store.ts'

const ActivityAnswer = z.object({ activity: z.array(LoggedActivity) }).transform(({ activity }) => activity)

/** What this node has seen come and go, the newest first. Asked for again whenever something did. */
export function useActivity(): Resource<LoggedActivity[]> {
  const noticed = useToastStore((state) => state.noticed)
  const connection = useClusterStore((state) => state.connection)
  return useResource('/activity', ActivityAnswer, `${connection} ${noticed}`)
}
