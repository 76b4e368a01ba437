import { Dialog, Slider, Switch } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { chatStrings } from './strings.ts'
import type { OfferedModel } from '../models/model-listing.ts'
import { type ChatSettings, ThinkingEffort } from '../../../main/shared/chats/chat.ts'
import type { ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import type { Resource } from '../../services/use-resource.ts'
import { PresetPicker } from './PresetPicker.tsx'
import { ToolServers } from './tools/ToolServers.tsx'
import { ModelOptions } from './ModelOptions.tsx'

export interface ChatSettingsFormProps {
  readonly settings: ChatSettings
  readonly presets: Resource<ChatPresets>
  /** The models that can draft and judge. */
  readonly models: readonly OfferedModel[]
  readonly onChange: (settings: ChatSettings) => void
}

/** The fields of a chat's settings. */
export function ChatSettingsForm({ settings, presets, models, onChange }: ChatSettingsFormProps): ReactNode {
  const id = useId()
  const change = (part: Partial<ChatSettings>): void => onChange({ ...settings, ...part })
  return (
    <>
      <PresetPicker presets={presets} settings={settings} onChange={onChange} />
      <label htmlFor={`${id}-system`}>{chatStrings.systemPrompt}</label>
      <textarea
        id={`${id}-system`}
        className="input"
        rows={4}
        placeholder={chatStrings.systemPromptPlaceholder}
        value={settings.systemPrompt}
        aria-describedby={`${id}-variables`}
        onChange={(event) => change({ systemPrompt: event.target.value })}
      />
      <p id={`${id}-variables`} className="muted small">
        {chatStrings.variables}
      </p>
      <RatioSetting
        name={chatStrings.temperature}
        value={settings.temperature}
        max={2}
        initial={0.7}
        onChange={(temperature) => change({ temperature })}
      />
      <RatioSetting name={chatStrings.topP} value={settings.topP} max={1} initial={0.95} onChange={(topP) => change({ topP })} />
      <div className="field-row">
        <NumberSetting name={chatStrings.maxTokens} min={1} value={settings.maxTokens} onChange={(maxTokens) => change({ maxTokens })} />
        <NumberSetting name={chatStrings.seed} min={0} value={settings.seed} onChange={(seed) => change({ seed })} />
      </div>
      <div>
        <label htmlFor={`${id}-thinking`}>{chatStrings.thinkingEffort}</label>
        <select
          id={`${id}-thinking`}
          className="select select-wide"
          value={settings.thinking ?? ''}
          onChange={({ target }) => change({ thinking: ThinkingEffort.safeParse(target.value).data ?? null })}
        >
          <option value="">{chatStrings.byModel}</option>
          {ThinkingEffort.options.map((effort) => (
            <option key={effort} value={effort}>
              {chatStrings.thinkingEfforts[effort]}
            </option>
          ))}
        </select>
      </div>
      <div className="ratio-setting">
        <span>{chatStrings.threeWays}</span>
        <output />
        <Switch.Root
          className="switch"
          aria-label={chatStrings.threeWays}
          checked={settings.isTrifurcated}
          onCheckedChange={(isTrifurcated) => change({ isTrifurcated })}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
        <p className="muted small setting-note">{chatStrings.threeWaysBody}</p>
      </div>
      {settings.isTrifurcated && (
        <div className="field-row">
          <ModelSetting
            name={chatStrings.draftModel}
            models={models}
            value={settings.draftModelId}
            onChange={(draftModelId) => change({ draftModelId })}
          />
          <ModelSetting
            name={chatStrings.validatorModel}
            models={models}
            value={settings.validatorModelId}
            onChange={(validatorModelId) => change({ validatorModelId })}
          />
        </div>
      )}
      <ToolServers used={settings.toolServers} onChange={(toolServers) => change({ toolServers: [...toolServers] })} />
      <div className="dialog-actions">
        <Dialog.Close className="button button-primary">{chatStrings.done}</Dialog.Close>
      </div>
    </>
  )
}

interface RatioSettingProps {
  readonly name: string
  readonly value: number | null
  readonly max: number
  readonly initial: number
  readonly onChange: (value: number | null) => void
}

function RatioSetting({ name, value, max, initial, onChange }: RatioSettingProps): ReactNode {
  return (
    <div className="ratio-setting">
      <span>{name}</span>
      <output>{value === null ? chatStrings.byModel : value.toFixed(2)}</output>
      <Switch.Root
        className="switch"
        aria-label={chatStrings.setByHand(name)}
        checked={value !== null}
        onCheckedChange={(isSet) => onChange(isSet ? initial : null)}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
      {value !== null && (
        <Slider.Root className="slider" min={0} max={max} step={0.05} value={[value]} onValueChange={([next]) => onChange(next ?? initial)}>
          <Slider.Track className="slider-track">
            <Slider.Range className="slider-range" />
          </Slider.Track>
          <Slider.Thumb className="slider-thumb" aria-label={name} />
        </Slider.Root>
      )}
    </div>
  )
}

interface NumberSettingProps {
  readonly name: string
  readonly min: number
  readonly value: number | null
  readonly onChange: (value: number | null) => void
}

function NumberSetting({ name, min, value, onChange }: NumberSettingProps): ReactNode {
  const id = useId()
  const read = (text: string): number | null => {
    const number = Number.parseInt(text, 10)
    return Number.isSafeInteger(number) && number >= min ? number : null
  }
  return (
    <div>
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        className="input"
        type="number"
        min={min}
        step={1}
        placeholder={chatStrings.byModel}
        value={value ?? ''}
        onChange={(event) => onChange(read(event.target.value))}
      />
    </div>
  )
}

interface ModelSettingProps {
  readonly name: string
  readonly models: readonly OfferedModel[]
  /** null: the model that answers. */
  readonly value: string | null
  readonly onChange: (value: string | null) => void
}

function ModelSetting({ name, models, value, onChange }: ModelSettingProps): ReactNode {
  const id = useId()
  // A model that is no longer there falls back to the one that answers.
  const known = models.some(({ modelId }) => modelId === value) ? value : null
  return (
    <div>
      <label htmlFor={id}>{name}</label>
      <select
        id={id}
        className="select select-wide"
        value={known ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
      >
        <option value="">{chatStrings.answeringModel}</option>
        <ModelOptions models={models} />
      </select>
    </div>
  )
}
