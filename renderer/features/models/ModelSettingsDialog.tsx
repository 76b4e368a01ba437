import { Dialog } from 'radix-ui'
import { type ReactNode, useId, useState } from 'react'
import { z } from 'zod'
import { ModelSettings } from '../../../main/shared/models/model-settings.ts'
import type { ModelCard } from '../../../main/shared/models/model-card.ts'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { formatContext, shortModelName } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { contextChoices } from './context-choices.ts'
import { modelStrings } from './strings.ts'

const AllSettings = z.object({ settings: z.record(z.string(), ModelSettings) })
const labels = modelStrings.modelSettings

/** Fields of numbers, with their place in the settings. */
const NUMBERS = [
  { field: 'temperature', step: 0.05 },
  { field: 'top_p', step: 0.01 },
  { field: 'top_k', step: 1 },
  { field: 'min_p', step: 0.01 },
  { field: 'repetition_penalty', step: 0.01 },
  { field: 'max_tokens', step: 1 },
] as const

const MINUTE = 60
/** -1: it stays loaded. */
const KEEP_SECONDS = [5 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE, -1] as const

export interface ModelSettingsDialogProps {
  readonly modelId: string
  readonly card: ModelCard | undefined
  readonly onClose: () => void
}

/** What requests to a model get if they do not set it themselves, its context at the next load, and how long it stays loaded. */
export function ModelSettingsDialog({ modelId, card, onClose }: ModelSettingsDialogProps): ReactNode {
  const { data, error, reload } = useResource('/models/settings', AllSettings)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>{labels.title(shortModelName(modelId))}</Dialog.Title>
          <Dialog.Description>{labels.body}</Dialog.Description>
          {error && <ErrorNote message={error.message} onRetry={reload} />}
          {data === null && !error && <p className="muted">{strings.common.loading}</p>}
          {data !== null && <SettingsForm modelId={modelId} card={card} saved={data.settings[modelId] ?? {}} onClose={onClose} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function SettingsForm({ modelId, card, saved, onClose }: ModelSettingsDialogProps & { readonly saved: ModelSettings }): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const id = useId()
  const [settings, setSettings] = useState<ModelSettings>(saved)
  const change = (field: keyof ModelSettings, value: number | string | null): void =>
    setSettings(({ [field]: _before, ...others }) => (value === null || value === '' ? others : { ...others, [field]: value }))
  const checked = ModelSettings.safeParse(settings)
  const wrongFields = new Set(checked.error?.issues.map(({ path: [field] }) => field))
  const save = (): void =>
    action.run(() => api.put(`/models/settings?model=${encodeURIComponent(modelId)}`, checked.data, z.unknown()).then(onClose))
  const keepChoices =
    settings.ttl === undefined || KEEP_SECONDS.some((seconds) => seconds === settings.ttl) ? KEEP_SECONDS : [settings.ttl, ...KEEP_SECONDS]
  return (
    <form
      className="field-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (checked.success) save()
      }}
    >
      {NUMBERS.map(({ field, step }) => (
        <label key={field} className="field">
          {labels.fields[field]}
          <input
            className="input"
            type="number"
            inputMode="decimal"
            step={step}
            placeholder={labels.default}
            aria-invalid={wrongFields.has(field)}
            value={settings[field] ?? ''}
            onChange={(event) => change(field, event.target.value === '' ? null : Number(event.target.value))}
          />
        </label>
      ))}
      <label className="field">
        {labels.context}
        <select
          className="select select-wide"
          value={settings.context_tokens ?? ''}
          onChange={(event) => change('context_tokens', event.target.value === '' ? null : Number(event.target.value))}
        >
          <option value="">{modelStrings.placement.contextAutomatic}</option>
          {[
            ...new Set([...(settings.context_tokens ? [settings.context_tokens] : []), ...contextChoices(card?.contextTokens ?? 131_072)]),
          ].map((tokens) => (
            <option key={tokens} value={tokens}>
              {formatContext(tokens)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {labels.keep}
        <select
          className="select select-wide"
          value={settings.ttl ?? ''}
          onChange={(event) => change('ttl', event.target.value === '' ? null : Number(event.target.value))}
        >
          <option value="">{labels.default}</option>
          {keepChoices.map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds < 0 ? labels.keepAlways : labels.keepMinutes(seconds / MINUTE)}
            </option>
          ))}
        </select>
      </label>
      <div className="field field-wide">
        <label htmlFor={`${id}system`}>{labels.system}</label>
        <textarea
          id={`${id}system`}
          className="input"
          rows={4}
          maxLength={65_536}
          placeholder={labels.systemPlaceholder}
          value={settings.system ?? ''}
          onChange={(event) => change('system', event.target.value)}
        />
      </div>
      {wrongFields.size > 0 && <p className="note note-warning">{labels.wrong}</p>}
      {action.error !== null && <ErrorNote message={action.error} />}
      <div className="dialog-actions field-wide">
        <button type="button" className="button" disabled={Object.keys(settings).length === 0} onClick={() => setSettings({})}>
          {labels.reset}
        </button>
        <span className="spring" />
        <Dialog.Close className="button">{strings.common.cancel}</Dialog.Close>
        <button type="submit" className="button button-primary" disabled={action.isRunning || !checked.success}>
          {labels.save}
        </button>
      </div>
    </form>
  )
}
