export const activityStrings = {
  body: 'What came and went since exo started on this machine.',
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
    'download-started': (subject: string, machine: string) => `Downloading ${subject} to ${machine}`,
    'download-done': (subject: string, machine: string) => `${subject} was downloaded to ${machine}`,
    'download-failed': (subject: string, machine: string) => `The download of ${subject} to ${machine} failed`,
  },
}
