/** The window options of a menu bar window, which appears above everything else, by platform. */
export function popoverManner(platform: string) {
  if (platform !== 'darwin') return { options: {}, spaces: null } as const
  return {
    /** A panel takes the keyboard without bringing its app to the front, so that an app in full screen keeps its space. */
    options: { vibrancy: 'menu', visualEffectState: 'active', type: 'panel' },
    /** On every space, those of apps in full screen among them; the app stays without an icon in the Dock. */
    spaces: { visibleOnFullScreen: true, skipTransformProcessType: true },
  } as const
}
