import { describe, expect, it } from 'vitest'
import { releaseSettings } from './release-settings.mjs'

const onMac = /** @type {const} */ ({ system: 'mac', platform: 'darwin', hasOfficialElectron: true })
const certificate = { CSC_LINK: 'file.p12', CSC_KEY_PASSWORD: 'secret' }
const notary = { APPLE_ID: 'a', APPLE_APP_SPECIFIC_PASSWORD: 'b', APPLE_TEAM_ID: 'c' }
const feed = { EXO_UPDATE_FEED: 'https://updates.example' }

describe('releaseSettings', () => {
  it('signs, notarizes and updates with everything there', () => {
    expect(releaseSettings({ ...certificate, ...notary, ...feed }, onMac)).toEqual({
      isForRelease: true,
      isSigned: true,
      isNotarized: true,
      updateFeed: 'https://updates.example',
      notices: [],
    })
  })
  it('says what it leaves out', () => {
    expect(releaseSettings({}, onMac)).toMatchObject({
      isSigned: false,
      isNotarized: false,
      updateFeed: null,
      notices: [expect.stringContaining('Not signed'), expect.stringContaining('No update feed')],
    })
    expect(releaseSettings({ CSC_NAME: 'A', ...feed }, onMac)).toMatchObject({
      isSigned: true,
      isNotarized: false,
      notices: [expect.stringContaining('Not notarized')],
    })
    expect(releaseSettings({ CSC_LINK: 'file.p12', CSC_KEY_PASSWORD: '' }, onMac)).toMatchObject({ isSigned: false })
  })
  it('never updates what is not signed on macOS', () =>
    expect(releaseSettings({ ...notary, ...feed }, onMac)).toMatchObject({
      isNotarized: false,
      updateFeed: null,
      notices: [expect.anything(), expect.stringContaining('No updates')],
    }))
  it('says of a Mac package made elsewhere that it is not for release', () => {
    expect(
      releaseSettings({ ...certificate, ...notary, ...feed }, { system: 'mac', platform: 'linux', hasOfficialElectron: false }),
    ).toMatchObject({ isForRelease: false, isSigned: false, updateFeed: null, notices: [expect.stringContaining('NOT FOR RELEASE')] })
  })
  it('says so of any package with the pinned Electron', () => {
    expect(releaseSettings(feed, { system: 'linux', platform: 'linux', hasOfficialElectron: false })).toMatchObject({
      isForRelease: false,
      updateFeed: null,
      notices: [expect.stringContaining('EXO_OFFICIAL_ELECTRON')],
    })
  })
  it('E: has no feed over http', () => {
    for (const build of [onMac, /** @type {const} */ ({ system: 'linux', platform: 'linux', hasOfficialElectron: true })]) {
      expect(releaseSettings({ ...certificate, ...notary, EXO_UPDATE_FEED: 'http://updates.example' }, build)).toMatchObject({
        updateFeed: null,
        notices: [expect.stringContaining('not an https')],
      })
    }
  })
  it('needs no certificate on Linux', () =>
    expect(releaseSettings(feed, { system: 'linux', platform: 'linux', hasOfficialElectron: true })).toMatchObject({
      isForRelease: true,
      updateFeed: 'https://updates.example',
      notices: [],
    }))
})
