/** The options of the chat's and dashboard's windows by platform. On a Mac, their buttons stand on the page, without a title bar. */
export function windowManner(platform: string) {
  return platform === 'darwin' ? ({ titleBarStyle: 'hiddenInset', trafficLightPosition: { x: 16, y: 18 } } as const) : ({} as const)
}
