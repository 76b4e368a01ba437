import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { z } from 'zod'
import { useServices } from '../../../services/services.ts'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { selectNode, selectNodeIds } from '../../../store/select-cluster.ts'
import { Icon } from '../../../ui/Icon.tsx'
import type { Action } from '../../../ui/use-action.ts'
import { NodeName } from '../../cluster/NodeName.tsx'
import { modelStrings } from '../strings.ts'

const Started = z.object({ download: z.unknown() })

export interface DownloadElsewhereProps {
  readonly modelId: string
  readonly action: Action
  /** Called with what the user should know; null: nothing any more. */
  readonly onTell: (text: string | null) => void
}

/** The ids of the other machines to which a model can be downloaded. */
export const useOtherMachines = (modelId: string): string[] =>
  useClusterStore(
    useShallow((state) => {
      const { view } = state
      const coming = view?.downloads.filter((download) => download.modelId === modelId && download.status !== 'done') ?? []
      const busy = new Set<string | undefined>([view?.nodeId, ...coming.map(({ nodeId }) => nodeId)])
      return selectNodeIds(state).filter((nodeId) => !busy.has(nodeId))
    }),
  )

/** A part of a model's menu: downloads it to another machine of the cluster; nothing where there is no other. */
export function DownloadElsewhere({ modelId, action, onTell }: DownloadElsewhereProps): ReactNode {
  const { api } = useServices()
  const labels = modelStrings.downloads
  const others = useOtherMachines(modelId)
  if (others.length === 0) return null
  const download = (nodeId: string): void => {
    onTell(null)
    const name = selectNode(nodeId)(useClusterStore.getState())?.name ?? nodeId
    action.run(async () => {
      const { download: started } = await api.post('/models/download', { model: modelId, node: nodeId }, Started)
      if (started === null) onTell(labels.isThere(name))
    })
  }
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className="menu-item">
        <Icon name="down" />
        {labels.elsewhere}
        <Icon name="forward" />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent className="menu">
          {others.map((nodeId) => (
            <DropdownMenu.Item key={nodeId} className="menu-item" onSelect={() => download(nodeId)}>
              <NodeName nodeId={nodeId} />
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  )
}
