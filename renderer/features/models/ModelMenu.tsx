import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { z } from 'zod'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ConfirmDialog } from '../../ui/ConfirmButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import type { Action } from '../../ui/use-action.ts'
import { instanceStrings } from '../instances/strings.ts'
import { DownloadElsewhere } from './downloads/DownloadElsewhere.tsx'
import type { CatalogueRow } from './model-listing.ts'
import type { ModelStatus } from './model-status.ts'
import { ModelSettingsDialog } from './ModelSettingsDialog.tsx'
import { PlacementDialog } from './placement/PlacementDialog.tsx'
import { modelStrings } from './strings.ts'

export interface ModelMenuProps {
  readonly name: string
  readonly model: CatalogueRow
  readonly status: ModelStatus
  readonly action: Action
  readonly onChange: () => void
  /** Called with what the user should know besides errors; null: nothing any more. */
  readonly onTell: (text: string | null) => void
}

type OpenDialog = 'placement' | 'settings' | 'unload' | 'delete'

/** Everything that can be done with a model besides its next step. */
export function ModelMenu({ name, model, status, action, onChange, onTell }: ModelMenuProps): ReactNode {
  const { api } = useServices()
  const [dialog, setDialog] = useState<OpenDialog | null>(null)
  const { modelId, madeFrom, card, isHere, isOurs } = model
  const weightsId = madeFrom ?? modelId
  const instanceIds = useClusterStore((state) =>
    Object.entries(state.view?.instances ?? {})
      .filter(([, instance]) => instance.modelId === weightsId)
      .map(([instanceId]) => instanceId)
      .join('\n'),
  )
  const labels = modelStrings
  const isPlaced = instanceIds !== ''
  const close = (): void => setDialog(null)
  const unload = (): void =>
    action.run(() =>
      Promise.all(instanceIds.split('\n').map((instanceId) => api.delete(`/instance/${encodeURIComponent(instanceId)}`, z.unknown()))),
    )
  const download = (): void => action.run(() => api.post('/models/download', { model: weightsId }, z.unknown()))
  const remove = (): void => action.run(() => api.delete(`/models?model=${encodeURIComponent(modelId)}`, z.unknown()).then(onChange))
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="icon-button" aria-label={labels.actionsOf(name)} disabled={action.isRunning}>
          <Icon name="more" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end">
            <DropdownMenu.Item className="menu-item" onSelect={() => setDialog('placement')}>
              <Icon name="cluster" />
              {isPlaced ? labels.loadAgain : labels.loadAs}
            </DropdownMenu.Item>
            {!isHere && status.kind !== 'downloading' && (
              <DropdownMenu.Item className="menu-item" onSelect={download}>
                <Icon name="down" />
                {labels.downloadOnly}
              </DropdownMenu.Item>
            )}
            <DownloadElsewhere modelId={weightsId} action={action} onTell={onTell} />
            <DropdownMenu.Item className="menu-item" onSelect={() => setDialog('settings')}>
              <Icon name="settings" />
              {labels.settings}
            </DropdownMenu.Item>
            {isPlaced && (
              <DropdownMenu.Item className="menu-item" onSelect={() => setDialog('unload')}>
                <Icon name="power" />
                {labels.unload}
              </DropdownMenu.Item>
            )}
            {isOurs && !isPlaced && (
              <DropdownMenu.Item className="menu-item menu-danger" onSelect={() => setDialog('delete')}>
                <Icon name="trash" />
                {labels.remove}
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {dialog === 'unload' && (
        <ConfirmDialog
          title={instanceStrings.unloadTitle(name)}
          body={instanceStrings.unloadBody}
          confirm={labels.unload}
          onConfirm={unload}
          onClose={close}
        />
      )}
      {dialog === 'delete' && (
        <ConfirmDialog
          title={labels.removeTitle(name)}
          body={madeFrom === undefined ? labels.removeBody : labels.removeMadeBody}
          confirm={labels.remove}
          onConfirm={remove}
          onClose={close}
        />
      )}
      {dialog === 'settings' && <ModelSettingsDialog modelId={modelId} card={card} onClose={close} />}
      {dialog === 'placement' && (
        <PlacementDialog
          modelId={weightsId}
          card={card}
          onClose={close}
          onLoad={(request) => {
            close()
            action.run(() => api.post('/place_instance', { model_id: weightsId, ...request }, z.unknown()))
          }}
        />
      )}
    </>
  )
}
