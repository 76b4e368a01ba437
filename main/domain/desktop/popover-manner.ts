/** The window options of a menu bar window, which appears above everything else, by platform. */
export function popoverManner(platform: string) {
  if (platform !== 'darwin') return { options: {}, spaces: null } as const
  return {
    /** A panel takes keyboard input without bringing its app to the front, so that a full-screen app keeps its space. */
    options: { vibrancy: 'menu', visualEffectState: 'active', type: 'panel' },
    /** Shown on every space, including those of full-screen apps; the app keeps no icon in the Dock. */
    spaces: { visibleOnFullScreen: true, skipTransformProcessType: true },
  } as const
}
