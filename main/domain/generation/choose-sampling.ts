import type { CardSampling, SamplingSettings } from '../../shared/inference/sampling.ts'

/** The sampling parameters of a request; null if not given. */
export interface WantedSampling {
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly minP: number | null
  readonly repetitionPenalty: number | null
}

/** The model's own sampling defaults, by source. */
export interface ModelManner {
  /** The user's settings of the model. */
  readonly settings?: SamplingSettings
  readonly generationConfig?: SamplingSettings
  readonly card?: CardSampling
}

const OPENAI_DEFAULTS = { temperature: 1, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 } as const

/** Chooses each value separately: from the request, the user's settings, generation_config.json, the card, or OpenAI's defaults. */
export function chooseSampling(
  wanted: WantedSampling,
  manner: ModelManner,
  isThinkingOff: boolean,
): { [Key in keyof WantedSampling]: number } {
  const { withoutThinking, ...card } = manner.card ?? {}
  const sources = [manner.settings, manner.generationConfig, isThinkingOff ? withoutThinking : undefined, card]
  const pick = (key: keyof WantedSampling): number =>
    wanted[key] ?? sources.find((source) => source?.[key] !== undefined)?.[key] ?? OPENAI_DEFAULTS[key]
  return {
    temperature: pick('temperature'),
    topP: pick('topP'),
    topK: pick('topK'),
    minP: pick('minP'),
    repetitionPenalty: pick('repetitionPenalty'),
  }
}
