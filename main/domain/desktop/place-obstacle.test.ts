import { describe, expect, it } from 'vitest'
import { placeObstacle } from './place-obstacle.ts'

const place = { platform: 'darwin', executablePath: '/Applications/exo.app/Contents/MacOS/exo', isReadOnlyVolume: false } as const

describe('F05 an app that cannot be replaced where it is', () => {
  it.each([
    { ...place, executablePath: '/private/var/folders/x1/T/AppTranslocation/0A1B/d/exo.app/Contents/MacOS/exo' },
    { ...place, executablePath: '/Volumes/exo 1.2/exo.app/Contents/MacOS/exo', isReadOnlyVolume: true },
  ])('is not updated, and says where to move it (%o)', (where) => expect(placeObstacle(where)).toMatch(/Move it to Applications/))

  it('is no other one', () => {
    expect(placeObstacle(place)).toBeNull()
    expect(placeObstacle({ ...place, executablePath: '/Volumes/Disk/exo.app/Contents/MacOS/exo' })).toBeNull()
    expect(placeObstacle({ ...place, platform: 'linux', isReadOnlyVolume: true })).toBeNull()
  })
})
