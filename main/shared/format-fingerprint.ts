/** The start of a node's fingerprint, in groups that two people can compare. */
export function formatFingerprint(nodeId: string): string {
  return nodeId.slice(0, 16).replace(/(.{4})(?=.)/g, '$1-')
}
