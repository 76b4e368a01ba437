import type { DecoderChanges } from '../../main/shared/models/described-family.ts'
import type { DecoderDescription, ModulePlace } from './family.ts'

/** A decoder with the changes of a described family. */
export function changeDecoder(decoder: DecoderDescription, changes: DecoderChanges): DecoderDescription {
  const { places, norms, attentionModules, feedForwardModules, ...rest } = changes
  return {
    ...decoder,
    ...withoutUndefined(rest),
    places: places ? (places.map(withoutUndefined) as [ModulePlace, ...ModulePlace[]]) : decoder.places,
    norms: { ...decoder.norms, ...withoutUndefined(norms ?? {}) },
    attentionModules: { ...decoder.attentionModules, ...withoutUndefined(attentionModules ?? {}) },
    feedForward: decoder.feedForward.map((half) => ({
      ...half,
      always: half.always && { ...half.always, ...withoutUndefined(feedForwardModules ?? {}) },
    })),
  }
}

type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> }

function withoutUndefined<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, kept]) => kept !== undefined)) as Present<Value>
}
