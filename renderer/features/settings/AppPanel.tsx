import { Switch } from 'radix-ui'
import { type ReactNode, useEffect, useId, useState } from 'react'
import type { ShellSettings, ShellState, UpdateStatus } from '../../../main/shared/wire/shell/shell.ts'
import type { ShellClient } from '../../client/shell-client.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel } from '../../ui/View.tsx'
import { appPanelStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'

const labels = appPanelStrings

/** The settings of the desktop app. */
export function AppPanel({ shell }: { readonly shell: ShellClient }): ReactNode {
  const [state, setState] = useState<ShellState | null>(null)
  const action = useAction()
  const { run } = action
  useEffect(() => {
    run(async () => setState(await shell.call('get-state')))
    return shell.onState(setState)
  }, [shell, run])
  if (!state) return null
  const { settings, commandPath, update } = state
  const change = (part: Partial<ShellSettings>): void => run(() => shell.call('change-settings', part))
  return (
    <Panel title={labels.title}>
      <div className="app-settings">
        <Toggle label={labels.launchAtLogin} isOn={settings.launchAtLogin} onChange={(launchAtLogin) => change({ launchAtLogin })} />
        <Toggle
          label={labels.showsNotifications}
          isOn={settings.showsNotifications}
          onChange={(showsNotifications) => change({ showsNotifications })}
        />
        <Toggle label={labels.updatesItself} isOn={settings.updatesItself} onChange={(updatesItself) => change({ updatesItself })} />
        <div className="app-setting">
          <span>
            {labels.update}
            <span className="muted small"> {updateText(update)}</span>
          </span>
          {update.kind === 'ready' ? (
            <button type="button" className="button button-primary" onClick={() => run(() => shell.call('install-update'))}>
              {labels.installUpdate}
            </button>
          ) : (
            <button
              type="button"
              className="button"
              disabled={update.kind === 'off' || update.kind === 'checking'}
              onClick={() => run(() => shell.call('check-for-update'))}
            >
              {labels.checkForUpdate}
            </button>
          )}
        </div>
        <div className="app-setting">
          <span>
            {labels.command}{' '}
            <span className="muted small">{commandPath === null ? labels.commandAbsent : labels.commandAt(commandPath)}</span>
          </span>
          <button
            type="button"
            className="button"
            disabled={action.isRunning || commandPath !== null}
            onClick={() => run(() => shell.call('install-command'))}
          >
            {labels.installCommand}
          </button>
        </div>
        <div className="app-setting">
          <span>{labels.log}</span>
          <button type="button" className="button" onClick={() => run(() => shell.call('show-log'))}>
            {labels.showLog}
          </button>
        </div>
      </div>
      {action.error !== null && <ErrorNote message={action.error} />}
    </Panel>
  )
}

function Toggle({
  label,
  isOn,
  onChange,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}): ReactNode {
  const id = useId()
  return (
    <div className="app-setting">
      <label htmlFor={id}>{label}</label>
      <Switch.Root id={id} className="switch" checked={isOn} onCheckedChange={onChange}>
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  )
}

function updateText(update: UpdateStatus): string {
  switch (update.kind) {
    case 'off':
      return update.reason
    case 'downloading':
      return labels.downloading(Math.round(update.doneRatio * 100))
    case 'failed':
      return update.message
    case 'current':
    case 'checking':
    case 'ready':
      return labels.updateStatus[update.kind]
  }
}
