/**
 * Names of the channels between the app's shell and its pages. They are separate from the schemas, because a preload
 * script contains no parser.
 */
export const SHELL_CALL_CHANNEL = 'shell-call'
/** The app sends each page its state whenever it changes. */
export const SHELL_STATE_CHANNEL = 'shell-state'
