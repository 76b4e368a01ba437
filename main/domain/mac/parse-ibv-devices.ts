/**
 * Names of the devices that `ibv_devices` lists below its two heading lines, possibly none.
 *
 * @returns null if the text is not such a list: it has neither a device nor the heading
 */
export function parseIbvDevices(text: string): string[] | null {
  const names = text
    .split(/\r?\n/)
    .flatMap((line) => /^\s*(rdma_\w+)(?=\s|$)/.exec(line)?.[1] ?? /^\s*(\S+)\s+[0-9a-f:]{8,}\s*$/i.exec(line)?.[1] ?? [])
  return names.length === 0 && !/^\s*device\s+node GUID|no (ib|rdma) devices/im.test(text) ? null : [...new Set(names)]
}
