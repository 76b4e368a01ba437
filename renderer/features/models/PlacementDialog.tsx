import { Dialog } from 'radix-ui'
import { type ReactNode, useId, useState } from 'react'
import { formatMemory } from '../../../main/shared/formats/byte-size.ts'
import { useResource } from '../../services/use-resource.ts'
import { shortModelName } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { modelStrings } from './strings.ts'
import { instanceStrings } from '../instances/strings.ts'
import { NodeName } from '../cluster/NodeName.tsx'
import { PlacementSpeed } from './PlacementSpeed.tsx'
import {
  KV_BITS_CHOICES,
  type KvBitsChoice,
  PlacementPreviews,
  type PossibleWay,
  previewsPath,
  splitWays,
  toWayRequest,
  type WayRequest,
} from './placement-preview.ts'

export interface PlacementDialogProps {
  readonly modelId: string
  readonly onClose: () => void
  readonly onLoad: (request: WayRequest) => void
}

/** Every way to place a model on the machines, and the reason why the other ways are impossible. */
export function PlacementDialog({ modelId, onClose, onLoad }: PlacementDialogProps): ReactNode {
  const [kvBits, setKvBits] = useState<KvBitsChoice>('')
  const selectId = useId()
  const { data, error, reload } = useResource(previewsPath(modelId, kvBits), PlacementPreviews)
  const { possible, impossible } = data ? splitWays(data) : { possible: [], impossible: [] }
  const labels = modelStrings
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>{labels.previewTitle(shortModelName(modelId))}</Dialog.Title>
          <Dialog.Description>{labels.previewBody}</Dialog.Description>
          <p className="filter-row">
            <label htmlFor={selectId}>{labels.kvCache}</label>
            <select
              id={selectId}
              className="select"
              value={kvBits}
              onChange={(event) => setKvBits(KV_BITS_CHOICES.find((choice) => choice === event.target.value) ?? '')}
            >
              {KV_BITS_CHOICES.map((choice) => (
                <option key={choice} value={choice}>
                  {labels.kvBits[choice]}
                </option>
              ))}
            </select>
          </p>
          {error && <ErrorNote message={error.message} onRetry={reload} />}
          {data === null && !error && <p className="muted">{strings.common.loading}</p>}
          <ul className="ways">
            {possible.map((way, index) => (
              <Way key={wayKey(way)} way={way} isBest={index === 0} onLoad={() => onLoad(toWayRequest(way, kvBits))} />
            ))}
          </ul>
          {impossible.length > 0 && (
            <>
              <h3>{labels.impossible}</h3>
              <ul className="ways">
                {impossible.map(({ reason, ways }) => (
                  <li key={reason} className="way-impossible">
                    <p>
                      {ways
                        .map(({ strategy, backend }) => `${instanceStrings.strategy[strategy]}, ${instanceStrings.backend[backend]}`)
                        .join(' · ')}
                    </p>
                    <p className="muted small">{reason}</p>
                  </li>
                ))}
              </ul>
            </>
          )}
          <div className="dialog-actions">
            <Dialog.Close className="button">{strings.common.close}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const wayKey = ({ strategy, backend, shards }: PossibleWay): string => `${strategy} ${backend} ${shards.length}`

function Way({ way, isBest, onLoad }: { readonly way: PossibleWay; readonly isBest: boolean; readonly onLoad: () => void }): ReactNode {
  const labels = modelStrings
  const cables = way.backend === 'jaccl' ? ` (${way.jacclRing ? labels.ring : labels.mesh})` : ''
  return (
    <li className="way">
      <div className="way-head">
        <b>
          {instanceStrings.strategy[way.strategy]}, {instanceStrings.backend[way.backend]}
          {cables}
        </b>
        {isBest && <span className="badge badge-accent">{labels.chosen}</span>}
        <span className="spring" />
        <button type="button" className={`button ${isBest ? 'button-primary' : ''}`} onClick={onLoad}>
          {labels.loadThisWay}
        </button>
      </div>
      {way.speed && <PlacementSpeed speed={way.speed} />}
      <ul className="small">
        {way.shards.map((shard) => (
          <li key={shard.rank}>
            <NodeName nodeId={shard.nodeId} />
            <span className="muted">
              {' '}
              {way.strategy === 'tensor'
                ? instanceStrings.share(way.shards.length)
                : instanceStrings.layers(shard.layers.start, shard.layers.end)}
              , {formatMemory(shard.weightBytes)}, {labels.kvCache} {formatMemory(shard.kvBytes)}
            </span>
          </li>
        ))}
      </ul>
      {way.fallbacks.map(({ from, to, reason }) => (
        <p key={from} className="muted small">
          {to} ← {from}: {reason}
        </p>
      ))}
    </li>
  )
}
