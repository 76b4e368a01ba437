export const joinStrings = {
  nearby: 'Clusters nearby',
  noneNearby: 'No other clusters found on this network.',
  needsKey: 'needs a key',
  join: 'Join',
  joining: 'Joining…',
  cannotJoin: (obstacle: string) => `You can’t join it now: ${obstacle}.`,
  key: 'Cluster key',
  joinWithKey: 'Join with key',
  noKey: 'Don’t have the key?',
  compareDigits: 'Compare six digits on both screens',
  leave: 'Leave',
  leaveTitle: (name: string) => `Leave “${name}”?`,
  leaveBody: 'This machine will be on its own again. Models running on it are unloaded and answers in progress stop.',
}

export const newcomerStrings = {
  title: 'Machines that want to join',
  wants: (name: string) => `${name} wants to join`,
  asked: (name: string) => `Waiting for ${name}: admit this machine there`,
  fingerprint: (fingerprint: string, address: string) =>
    `Fingerprint ${fingerprint}, at ${address}. Make sure that exo shows the same fingerprint there.`,
  admit: 'Admit',
  refuse: 'Refuse',
  letIn: (name: string) => `${name} joined the cluster`,
  byStart: 'It was admitted because both machines had just started. If it isn’t yours, remove it.',
  byCable: 'It was admitted because it is connected by cable. If it isn’t yours, remove it.',
  remove: 'Remove',
  isMine: 'It’s mine',
  letInBy: (name: string, cluster: string) => `${name} admitted this machine to “${cluster}”`,
  fingerprintOf: (fingerprint: string) =>
    `Its fingerprint is ${fingerprint}. If it isn’t yours, undo this: members of a cluster can read prompts and write answers.`,
  leave: 'Undo',
  open: (name: string) =>
    `“${name}” is open: any exo on this network can join it, read prompts and write answers. To close it, start exo without --open.`,
}

export const pairingStrings = {
  joinerTitle: (name: string) => `Join “${name}”`,
  hostTitle: 'A machine wants to join',
  connecting: 'Contacting the other machine…',
  joinerBody: (peer: string) => `Does ${peer} show this code?`,
  hostBody: (peer: string, name: string) => `${peer} wants the key of “${name}”. Does it show this code?`,
  digits: (digits: string) => `The code is ${digits}`,
  agree: 'Codes match',
  differ: 'Codes don’t match',
  waiting: (peer: string) => `Now confirm on ${peer}.`,
  given: (peer: string) => `${peer} joined.`,
  joined: (name: string) => `Joined “${name}”.`,
  failed: 'Nothing was shared.',
}
