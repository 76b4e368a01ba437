/** What a command printed, or why there is nothing of it. */
export type CommandOutput =
  | { readonly kind: 'printed'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string /** This system does not have the command. */; readonly isAbsent: boolean }

/** The commands that tell of a Mac's ports and cables, by the names that a recording gives their outputs. */
export const macCommands = {
  systemProfiler: 'system_profiler SPThunderboltDataType -json',
  hardwarePorts: 'networksetup -listallhardwareports',
  serviceOrder: 'networksetup -listnetworkserviceorder',
  ifconfig: 'ifconfig',
  rdmaCtl: 'rdma_ctl status',
  ibvDevices: 'ibv_devices',
  ibvDevinfo: 'ibv_devinfo',
} as const

export type MacCommand = keyof typeof macCommands
export type MacOutputs = Readonly<Record<MacCommand, CommandOutput>>

/** What is known of a Mac apart from its ports. */
export interface MachineIdentity {
  readonly name: string
  readonly chip: string
  readonly osVersion: string
  readonly cores: number | null
  readonly totalBytes: number
  readonly availableBytes: number
}
