import type { InstanceHandle, InstancesPort } from '../../router/router-ports.ts'
import { type ModelSettings, samplingOfSettings } from '../../shared/models/model-settings.ts'

/** Instances that apply the user's model settings to requests that do not set their own. */
export function settledInstances(instances: InstancesPort, settingsOf: (modelId: string) => Promise<ModelSettings>): InstancesPort {
  const defaultsOf = (settings: ModelSettings): NonNullable<InstanceHandle['defaults']> => ({
    system: settings.system ?? null,
    maxTokens: settings.max_tokens ?? null,
  })
  return {
    async foresee(modelId, signal, contextTokens) {
      const settings = await settingsOf(modelId)
      const foreseen = await instances.foresee(modelId, signal, contextTokens ?? settings.context_tokens)
      return foreseen && { ...foreseen, defaults: defaultsOf(settings) }
    },
    async ensure(modelId, signal, preferred, contextTokens): Promise<InstanceHandle> {
      const settings = await settingsOf(modelId)
      const handle = await instances.ensure(modelId, signal, preferred, contextTokens ?? settings.context_tokens)
      return {
        ...handle,
        get isRecoverable() {
          return handle.isRecoverable
        },
        manner: { ...handle.manner, settings: samplingOfSettings(settings) },
        defaults: defaultsOf(settings),
      }
    },
  }
}
