import type { CardSampling, SamplingSettings } from '../../shared/inference/sampling.ts'

/** What a request says of sampling; null where it says nothing. */
export interface WantedSampling {
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly minP: number | null
  readonly repetitionPenalty: number | null
}

/** The model's own manner, by source. */
export interface ModelManner {
  /** What the user of this node set for the model. */
  readonly settings?: SamplingSettings
  readonly generationConfig?: SamplingSettings
  readonly card?: CardSampling
}

const OPENAI_DEFAULTS = { temperature: 1, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 } as const

/** Each value by itself: of the request, else the user's settings, else generation_config.json, else the card, else OpenAI's. */
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
