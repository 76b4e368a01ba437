import { type ReactNode, useState } from 'react'
import { z } from 'zod'
import { formatBytes, formatMemory } from '../../../main/shared/formats/byte-size.ts'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ConfirmButton } from '../../ui/ConfirmButton.tsx'
import { formatCount, shortModelName } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { modelStrings } from './strings.ts'
import { instanceStrings } from '../instances/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { DownloadRow } from './DownloadRow.tsx'
import { type CatalogueRow, missingRoom } from './model-listing.ts'
import { selectDownloads } from './select-downloads.ts'
import { PlacementDialog } from './PlacementDialog.tsx'

export interface ModelRowProps {
  readonly model: CatalogueRow
  /** The sum over all machines. */
  readonly freeBytes: number
  readonly totalBytes: number
  /** Called after model files were added or deleted. */
  readonly onChange: () => void
}

/** One model of the catalogue, with its state and its actions. */
export function ModelRow({ model, freeBytes, totalBytes, onChange }: ModelRowProps): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const [isChoosing, setIsChoosing] = useState(false)
  const { modelId, card, aliases, isHere, isOurs, madeFrom } = model
  const weightsId = madeFrom ?? modelId
  const downloads = useClusterStore(selectDownloads).filter((download) => download.modelId === weightsId && download.status !== 'done')
  const room = missingRoom(model, { freeBytes, totalBytes })
  const instances = useClusterStore((state) =>
    Object.entries(state.view?.instances ?? {})
      .filter(([, instance]) => instance.modelId === weightsId)
      .map(([instanceId, { status }]) => `${instanceId} ${status}`)
      .join('\n'),
  )
  const held = instances === '' ? [] : instances.split('\n').map((line) => line.split(' '))
  const isLoading = held.some(([, status]) => status === 'loading' || status === 'recovering')
  const name = shortModelName(modelId)
  const labels = modelStrings
  const load = (): void => action.run(() => api.post('/place_instance', { model_id: weightsId }, z.unknown()))
  const unload = (): void =>
    action.run(() => Promise.all(held.map(([instanceId = '']) => api.delete(`/instance/${encodeURIComponent(instanceId)}`, z.unknown()))))
  const download = (): void => action.run(() => api.post('/models/download', { model: weightsId }, z.unknown()))
  const remove = (): void => action.run(() => api.delete(`/models?model=${encodeURIComponent(modelId)}`, z.unknown()).then(onChange))
  const badge = model.loaded ? (
    <span className="badge badge-success">{labels.loaded}</span>
  ) : isLoading ? (
    <span className="badge badge-accent">{labels.loading}</span>
  ) : room !== null ? (
    <span className="badge badge-warning">{room.isEverPossible ? labels.fitsNot : labels.fitsNever(formatMemory(room.missingBytes))}</span>
  ) : isHere ? (
    <span className="badge">{labels.here}</span>
  ) : null
  return (
    <li className="model" aria-label={name}>
      <div className="model-head">
        <div className="model-name">
          <h2>
            {name} {badge}
          </h2>
          <p className="muted small">{[modelId, ...aliases, ...(madeFrom === undefined ? [] : [labels.madeFrom(madeFrom)])].join(' · ')}</p>
        </div>
        <div className="view-actions">
          {held.length > 0 ? (
            <ConfirmButton
              trigger={
                <button type="button" className="button" disabled={action.isRunning}>
                  {labels.unload}
                </button>
              }
              title={instanceStrings.unloadTitle(name)}
              body={instanceStrings.unloadBody}
              confirm={labels.unload}
              onConfirm={unload}
            />
          ) : (
            <>
              {!isHere && downloads.length === 0 && (
                <button type="button" className="button" disabled={action.isRunning} onClick={download}>
                  {labels.download}
                </button>
              )}
              {isOurs && (
                <ConfirmButton
                  trigger={
                    <button
                      type="button"
                      className="icon-button"
                      aria-label={labels.remove(name)}
                      title={labels.remove(name)}
                      disabled={action.isRunning}
                    >
                      <Icon name="trash" />
                    </button>
                  }
                  title={labels.removeTitle(name)}
                  body={madeFrom === undefined ? labels.removeBody : labels.removeMadeBody}
                  confirm={labels.removeConfirm}
                  onConfirm={remove}
                />
              )}
              <button type="button" className="button" onClick={() => setIsChoosing(true)}>
                {labels.loadAs}
              </button>
              <button type="button" className={isHere ? 'button button-primary' : 'button'} disabled={action.isRunning} onClick={load}>
                {isHere ? labels.load : labels.getAndLoad}
              </button>
            </>
          )}
        </div>
      </div>
      {card && (
        <p className="facts">
          <span>{formatBytes(card.weightBytes)}</span>
          <span>{card.quantization ? labels.bits(card.quantization.bits) : labels.unquantized}</span>
          <span>
            {card.layers} {labels.layers}
          </span>
          <span>
            {formatCount(card.contextTokens)} {labels.context}
          </span>
          <span>{card.family}</span>
        </p>
      )}
      {downloads.map((entry) => (
        <DownloadRow key={entry.id} download={entry} />
      ))}
      {action.error !== null && <ErrorNote message={action.error} />}
      {isChoosing && (
        <PlacementDialog
          modelId={weightsId}
          onClose={() => setIsChoosing(false)}
          onLoad={(request) => {
            setIsChoosing(false)
            action.run(() => api.post('/place_instance', { model_id: weightsId, ...request }, z.unknown()))
          }}
        />
      )}
    </li>
  )
}
