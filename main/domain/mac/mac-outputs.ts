/** The output of a command, or the reason why there is none. */
export type CommandOutput =
  | { readonly kind: 'printed'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string /** This system does not have the command. */; readonly isAbsent: boolean }

/** The commands that report a Mac's ports and cables, by the names of their outputs in a recording. */
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

/** Facts about a Mac other than its ports. */
export interface MachineIdentity {
  readonly name: string
  readonly chip: string
  readonly osVersion: string
  readonly cores: number | null
  readonly totalBytes: number
  readonly availableBytes: number
}
