/**
 * The settings of a release build, all taken from the environment.
 *
 * @typedef {object} ReleaseSettings
 * @property {boolean} isForRelease - false: the file names say `not-for-release`
 * @property {boolean} isSigned
 * @property {boolean} isNotarized
 * @property {string | null} updateFeed - URL at which the app looks for newer versions; null: it does not look
 * @property {readonly string[]} notices - explain to the user what the build lacks and why
 */

const FOR_INSPECTION = { isForRelease: false, isSigned: false, isNotarized: false, updateFeed: null }

/**
 * @param {Readonly<Record<string, string | undefined>>} environment - CSC_LINK and CSC_KEY_PASSWORD, or CSC_NAME: the certificate;
 *   APPLE_ID, APPLE_APP_SPECIFIC_PASSWORD and APPLE_TEAM_ID, or APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER: the
 *   notary; EXO_UPDATE_FEED: the feed, which also needs EXO_UPDATE_KEY (`sign-update-feed.mjs`)
 * @param {{ system: 'mac' | 'linux', platform: string, hasOfficialElectron: boolean }} build - the target system, the host system, and
 *   whether the build contains Electron's own download
 * @returns {ReleaseSettings}
 */
export function releaseSettings(environment, { system, platform, hasOfficialElectron }) {
  const has = (/** @type {string[]} */ ...names) => names.every((name) => (environment[name] ?? '') !== '')
  const given = environment['EXO_UPDATE_FEED'] || null
  const isOpen = given !== null && !given.startsWith('https://')
  const feed = isOpen ? null : given
  const noFeed = isOpen
    ? 'No updates: EXO_UPDATE_FEED is not an https address, which the app requires.'
    : 'No update feed (EXO_UPDATE_FEED): this build does not update itself.'
  if (system === 'mac' && platform !== 'darwin') {
    return {
      ...FOR_INSPECTION,
      notices: ['NOT FOR RELEASE: built without macOS, unsigned, with an Electron republished by a third party. For inspection only.'],
    }
  }
  if (!hasOfficialElectron) {
    return {
      ...FOR_INSPECTION,
      notices: [
        "NOT FOR RELEASE: contains an Electron republished by a third party. Set EXO_OFFICIAL_ELECTRON=1 to use Electron's own download.",
      ],
    }
  }
  if (system === 'linux') {
    return { isForRelease: true, isSigned: false, isNotarized: false, updateFeed: feed, notices: feed === null ? [noFeed] : [] }
  }
  const isSigned = has('CSC_LINK', 'CSC_KEY_PASSWORD') || has('CSC_NAME')
  const isNotarized =
    isSigned &&
    (has('APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID') || has('APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'))
  const notices = [
    ...(isSigned
      ? []
      : ['Not signed, only ad hoc: neither CSC_LINK with CSC_KEY_PASSWORD nor CSC_NAME is set. macOS warns before it opens this app.']),
    ...(isSigned && !isNotarized
      ? [
          'Not notarized: neither APPLE_ID, APPLE_APP_SPECIFIC_PASSWORD and APPLE_TEAM_ID nor APPLE_API_KEY, ' +
            'APPLE_API_KEY_ID and APPLE_API_ISSUER are set.',
        ]
      : []),
    ...(feed === null ? [noFeed] : isSigned ? [] : ['No updates: macOS installs only signed ones.']),
  ]
  return { isForRelease: true, isSigned, isNotarized, updateFeed: isSigned ? feed : null, notices }
}
