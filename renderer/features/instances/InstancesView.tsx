import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectInstanceIds } from '../../store/select-cluster.ts'
import { EmptyState } from '../../ui/Notice.tsx'
import { View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { instanceStrings } from './strings.ts'
import { InstancePanel } from './InstancePanel.tsx'

export function InstancesView(): ReactNode {
  const instanceIds = useClusterStore(useShallow(selectInstanceIds))
  return (
    <View title={strings.routes.instances} body={instanceStrings.body}>
      {instanceIds.length === 0 && (
        <EmptyState
          title={instanceStrings.emptyTitle}
          action={
            <a className="button button-primary" href="#/models">
              {strings.common.goToModels}
            </a>
          }
        >
          {instanceStrings.emptyBody}
        </EmptyState>
      )}
      {instanceIds.map((instanceId) => (
        <InstancePanel key={instanceId} instanceId={instanceId} />
      ))}
    </View>
  )
}
