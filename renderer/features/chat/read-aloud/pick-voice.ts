type Voice = Pick<SpeechSynthesisVoice, 'lang' | 'localService' | 'default'>

/** Android writes `de_DE`. */
const tagOf = ({ lang }: Voice): string => lang.replace('_', '-').toLowerCase()

/**
 * A voice of this system: others would send the text to their maker.
 *
 * @param wanted - language tags, the best first, such as `de-AT` and `de`
 * @returns null: there is none
 */
export function pickVoice<Kind extends Voice>(voices: readonly Kind[], wanted: readonly string[]): Kind | null {
  const local = voices.filter(({ localService }) => localService)
  const preferred = [...local].sort((one, other) => Number(other.default) - Number(one.default))
  for (const tag of wanted.map((name) => name.toLowerCase())) {
    const speaking = preferred.find((voice) => tagOf(voice) === tag || tagOf(voice).startsWith(`${tag}-`))
    if (speaking) return speaking
  }
  return preferred[0] ?? null
}
