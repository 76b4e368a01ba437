import type { RdmaPortState } from '../../shared/hardware.ts'

/**
 * State of the first port of each device that `ibv_devinfo` describes: Thunderbolt devices have one.
 *
 * @returns null if the text neither describes a device nor reports that there is none
 */
export function parseIbvDevinfo(text: string): Map<string, RdmaPortState> | null {
  const states = new Map<string, RdmaPortState>()
  let device: string | null = null
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*(hca_id|state|port_state)\s*:\s*(\S+)/i.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    if (key.toLowerCase() === 'hca_id') {
      device = value
      states.set(device, 'unknown')
    } else if (device !== null && states.get(device) === 'unknown') states.set(device, portState(value))
  }
  return states.size === 0 && !/no (ib|rdma) devices/i.test(text) ? null : states
}

function portState(text: string): RdmaPortState {
  if (/^(PORT_)?ACTIVE$/i.test(text)) return 'active'
  return /^PORT_[A-Z_]+$|^(down|inactive|disabled|init|armed)$/i.test(text) ? 'down' : 'unknown'
}
