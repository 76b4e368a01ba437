import { type ReactNode, useId, useState } from 'react'
import { formatByteLimit, parseByteSize } from '../../../main/shared/formats/byte-size.ts'
import { type ChosenSettings, SettingsAnswer } from '../../../main/shared/wire/api/node-settings.ts'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel } from '../../ui/View.tsx'
import { HubTokenForm } from './HubTokenForm.tsx'
import { settingsStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'

/** Ports, memory and data folder of this machine. Changes apply at its next start. */
export function MachineSettings(): ReactNode {
  const { host } = useServices()
  const [isSaved, setIsSaved] = useState(false)
  const connection = useClusterStore((state) => state.connection)
  const { data, error, reload } = useResource('/settings', SettingsAnswer, connection)
  const labels = settingsStrings
  const onSaved = (): void => {
    setIsSaved(true)
    reload()
  }
  return (
    <Panel title={labels.machine}>
      <p className="muted">{labels.machineBody}</p>
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      {data && (
        <>
          <MachineForm key={JSON.stringify(data.chosen)} settings={data} onSaved={onSaved} />
          <HubTokenForm hasToken={data.hasHubToken} onSaved={onSaved} />
        </>
      )}
      <div role="status">
        {isSaved && (
          <p className="note saved-note">
            {labels.saved}
            {host.shell && (
              <button type="button" className="button" onClick={() => void host.shell?.call('restart-node')}>
                {labels.restart}
              </button>
            )}
          </p>
        )}
      </div>
    </Panel>
  )
}

const MOST_PORT = 65_535

/** null: the field is empty; NaN: the text is not a port. */
function portOf(text: string): number | null {
  if (text.trim() === '') return null
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN
  return port <= MOST_PORT ? port : Number.NaN
}

function MachineForm({ settings, onSaved }: { readonly settings: SettingsAnswer; readonly onSaved: () => void }): ReactNode {
  const { chosen, inUse } = settings
  const { api } = useServices()
  const action = useAction()
  const [port, setPort] = useState(chosen.port?.toString() ?? '')
  const [peerPort, setPeerPort] = useState(chosen.peerPort?.toString() ?? '')
  const chosenMemory = chosen.maxMemoryBytes === null ? '' : formatByteLimit(chosen.maxMemoryBytes)
  const [memory, setMemory] = useState(chosenMemory)
  const [folder, setFolder] = useState(chosen.modelCacheDir ?? '')
  const labels = settingsStrings
  const isPortWrong = [port, peerPort].some((text) => Number.isNaN(portOf(text)))
  const isMemoryWrong = memory.trim() !== '' && parseByteSize(memory) === null
  const save = async (): Promise<void> => {
    // The displayed value is rounded. If the user leaves it, the exact value stays.
    const maxMemoryBytes = memory === chosenMemory ? chosen.maxMemoryBytes : parseByteSize(memory)
    const next: Omit<ChosenSettings, 'isOnNetwork'> = {
      port: portOf(port),
      peerPort: portOf(peerPort),
      maxMemoryBytes,
      modelCacheDir: folder.trim() === '' ? null : folder.trim(),
    }
    await api.post('/settings', next, SettingsAnswer)
    onSaved()
  }
  return (
    <form
      className="field-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isMemoryWrong && !isPortWrong) action.run(save)
      }}
    >
      <Field label={labels.port} inUse={String(inUse.port)} value={port} onChange={setPort} inputMode="numeric" />
      <Field label={labels.peerPort} inUse={String(inUse.peerPort)} value={peerPort} onChange={setPeerPort} inputMode="numeric" />
      <Field
        label={labels.memoryLimit}
        inUse={inUse.maxMemoryBytes === null ? labels.allFree : formatByteLimit(inUse.maxMemoryBytes)}
        value={memory}
        onChange={setMemory}
      />
      <Field label={labels.cacheFolder} inUse={inUse.modelCacheDir} value={folder} isWide onChange={setFolder} />
      {isPortWrong && <ErrorNote message={labels.portWrong} />}
      {isMemoryWrong && <ErrorNote message={labels.memoryWrong} />}
      {action.error !== null && <ErrorNote message={action.error} />}
      <div className="field-wide">
        <button type="submit" className="button button-primary" disabled={action.isRunning || isMemoryWrong || isPortWrong}>
          {labels.save}
        </button>
      </div>
    </form>
  )
}

interface FieldProps {
  readonly label: string
  /** The current value. */
  readonly inUse: string
  readonly value: string
  readonly inputMode?: 'numeric'
  /** Whether the field spans the form's full width. */
  readonly isWide?: boolean
  readonly onChange: (value: string) => void
}

function Field({ label, inUse, value, inputMode, isWide = false, onChange }: FieldProps): ReactNode {
  const id = useId()
  return (
    <div className={isWide ? 'field field-wide' : 'field'}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        inputMode={inputMode}
        placeholder={inUse}
        aria-describedby={`${id}-now`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-now`} className="muted small">
        {settingsStrings.now} {inUse}
      </p>
    </div>
  )
}
