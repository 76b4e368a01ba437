import { inLanguage } from '../../ui/language.ts'
export const activityStrings = inLanguage(
  {
    body: 'Machines, models and downloads that came and went, as seen by this machine.',
    empty: 'Nothing has happened yet.',
    toasts: 'Notifications',
    dismiss: 'Dismiss',
    /** By the kind of activity. */
    texts: {
      'machine-joined': (subject: string) => `${subject} joined`,
      'machine-left': (subject: string) => `${subject} went offline`,
      'machine-updated': (subject: string, version: string) => `${subject} was updated to ${version}`,
      'cluster-changed': (subject: string) => `This machine is now in “${subject}”`,
      'model-loading': (subject: string) => `Loading ${subject}`,
      'model-ready': (subject: string) => `${subject} is ready`,
      'model-recovering': (subject: string) => `${subject} is recovering`,
      'model-failed': (subject: string) => `${subject} failed`,
      'model-unloaded': (subject: string) => `${subject} was unloaded`,
      'download-started': (subject: string, machine: string, asker: string | null) =>
        `Downloading ${subject} to ${machine}${asker === null ? '' : `, started on ${asker}`}`,
      'download-done': (subject: string, machine: string) => `${subject} was downloaded to ${machine}`,
      'download-failed': (subject: string, machine: string) => `The download of ${subject} to ${machine} failed`,
    },
  },
  {
    body: 'Rechner, Modelle und Downloads, die kamen und gingen, wie dieser Rechner es gesehen hat.',
    empty: 'Noch ist nichts geschehen.',
    toasts: 'Mitteilungen',
    dismiss: 'Schließen',
    texts: {
      'machine-joined': (subject: string) => `${subject} ist beigetreten`,
      'machine-left': (subject: string) => `${subject} ist offline`,
      'machine-updated': (subject: string, version: string) => `${subject} wurde auf ${version} aktualisiert`,
      'cluster-changed': (subject: string) => `Dieser Rechner gehört jetzt zu „${subject}“`,
      'model-loading': (subject: string) => `${subject} wird geladen`,
      'model-ready': (subject: string) => `${subject} ist bereit`,
      'model-recovering': (subject: string) => `${subject} wird wiederhergestellt`,
      'model-failed': (subject: string) => `${subject} ist fehlgeschlagen`,
      'model-unloaded': (subject: string) => `${subject} wurde entladen`,
      'download-started': (subject: string, machine: string, asker: string | null) =>
        `${subject} wird auf ${machine} geladen${asker === null ? '' : `, gestartet auf ${asker}`}`,
      'download-done': (subject: string, machine: string) => `${subject} wurde auf ${machine} geladen`,
      'download-failed': (subject: string, machine: string) => `Der Download von ${subject} auf ${machine} ist fehlgeschlagen`,
    },
  },
)
