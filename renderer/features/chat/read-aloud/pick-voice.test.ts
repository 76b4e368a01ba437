import { expect, it } from 'vitest'
import { pickVoice } from './pick-voice.ts'

const voice = (lang: string, { isLocal = true, isDefault = false } = {}) => ({ lang, localService: isLocal, default: isDefault })
const [british, american, german] = [voice('en-GB'), voice('en-US', { isDefault: true }), voice('de_DE')]
const voices = [british, american, german]

it.each([
  [['en-GB', 'en'], british],
  [['en'], american],
  [['en-AU', 'en'], american],
  [['de-AT', 'de'], german],
  [['fr'], american],
])('the voice for %j', (wanted, picked) => expect(pickVoice(voices, wanted)).toBe(picked))

it('never takes a voice that is not on this system', () => {
  expect(pickVoice([voice('en-US', { isLocal: false, isDefault: true })], ['en'])).toBeNull()
  expect(pickVoice([voice('de-DE', { isLocal: false }), american], ['de'])).toBe(american)
})
