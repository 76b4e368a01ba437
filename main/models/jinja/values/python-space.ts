/** Python's blank space, which has a few characters more than JavaScript's; for a class of a regular expression. */
export const PYTHON_SPACE = '\\s\\u001c-\\u001f\\u0085'

/** Where Python ends a line. */
// eslint-disable-next-line no-control-regex -- they are among Python's
export const PYTHON_LINE_ENDS = new RegExp('\\r\\n|[\\n\\r\\v\\f\\u001c-\\u001e\\u0085\\u2028\\u2029]', 'g')
