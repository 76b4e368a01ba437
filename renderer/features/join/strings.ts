import { inLanguage } from '../../ui/language.ts'
export const joinStrings = inLanguage(
  {
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
  },
  {
    nearby: 'Cluster in der Nähe',
    noneNearby: 'Keine anderen Cluster in diesem Netz gefunden.',
    needsKey: 'verlangt einen Schlüssel',
    join: 'Beitreten',
    joining: 'Tritt bei …',
    cannotJoin: (obstacle: string) => `Beitritt jetzt nicht möglich: ${obstacle}.`,
    key: 'Schlüssel des Clusters',
    joinWithKey: 'Mit Schlüssel beitreten',
    noKey: 'Kein Schlüssel zur Hand?',
    compareDigits: 'Sechs Ziffern auf beiden Bildschirmen vergleichen',
    leave: 'Verlassen',
    leaveTitle: (name: string) => `„${name}“ verlassen?`,
    leaveBody: 'Dieser Rechner ist dann wieder für sich. Modelle auf ihm werden entladen, laufende Antworten enden.',
  },
)

export const newcomerStrings = inLanguage(
  {
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
  },
  {
    title: 'Rechner, die beitreten möchten',
    wants: (name: string) => `${name} möchte beitreten`,
    asked: (name: string) => `Warten auf ${name}: diesen Rechner dort aufnehmen`,
    fingerprint: (fingerprint: string, address: string) =>
      `Fingerabdruck ${fingerprint}, unter ${address}. Bitte prüfen, dass exo dort denselben Fingerabdruck zeigt.`,
    admit: 'Aufnehmen',
    refuse: 'Ablehnen',
    letIn: (name: string) => `${name} ist dem Cluster beigetreten`,
    byStart: 'Er wurde aufgenommen, weil beide Rechner gerade gestartet waren. Ein fremder Rechner lässt sich entfernen.',
    byCable: 'Er wurde aufgenommen, weil er mit einem Kabel verbunden ist. Ein fremder Rechner lässt sich entfernen.',
    remove: 'Entfernen',
    isMine: 'Gehört mir',
    letInBy: (name: string, cluster: string) => `${name} hat diesen Rechner in „${cluster}“ aufgenommen`,
    fingerprintOf: (fingerprint: string) =>
      `Sein Fingerabdruck ist ${fingerprint}. Ist er fremd, bitte rückgängig machen: Mitglieder eines ` +
      'Clusters können Fragen lesen und Antworten schreiben.',
    leave: 'Rückgängig',
    open: (name: string) =>
      `„${name}“ ist offen: Jedes exo in diesem Netz kann beitreten, Fragen lesen und Antworten schreiben. ` +
      'Zum Schließen exo ohne --open starten.',
  },
)

export const pairingStrings = inLanguage(
  {
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
  },
  {
    joinerTitle: (name: string) => `„${name}“ beitreten`,
    hostTitle: 'Ein Rechner möchte beitreten',
    connecting: 'Verbindung zum anderen Rechner …',
    joinerBody: (peer: string) => `Zeigt ${peer} diesen Code?`,
    hostBody: (peer: string, name: string) => `${peer} möchte den Schlüssel von „${name}“. Zeigt er diesen Code?`,
    digits: (digits: string) => `Der Code ist ${digits}`,
    agree: 'Codes stimmen überein',
    differ: 'Codes sind verschieden',
    waiting: (peer: string) => `Jetzt auf ${peer} bestätigen.`,
    given: (peer: string) => `${peer} ist beigetreten.`,
    joined: (name: string) => `„${name}“ beigetreten.`,
    failed: 'Es wurde nichts geteilt.',
  },
)
