import type { InstanceHandle, InstancesPort } from '../../router/router-ports.ts'
import { type ModelSettings, samplingOfSettings } from '../../shared/models/model-settings.ts'

/** Instances that apply the user's model settings to requests that do not set their own. */
export function settledInstances(instances: InstancesPort, settingsOf: (modelId: string) => Promise<ModelSettings>): InstancesPort {
  return {
    async ensure(modelId, signal, preferred, contextTokens): Promise<InstanceHandle> {
      const settings = await settingsOf(modelId)
      const handle = await instances.ensure(modelId, signal, preferred, contextTokens ?? settings.context_tokens)
      return {
        ...handle,
        get isRecoverable() {
          return handle.isRecoverable
        },
        manner: { ...handle.manner, settings: samplingOfSettings(settings) },
        defaults: { system: settings.system ?? null, maxTokens: settings.max_tokens ?? null },
      }
    },
  }
}
