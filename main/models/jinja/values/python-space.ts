/** Python's whitespace, which has a few characters more than JavaScript's, for a regular expression's character class. */
export const PYTHON_SPACE = '\\s\\u001c-\\u001f\\u0085'

/** Python's line ends. */
// eslint-disable-next-line no-control-regex -- Python's line ends include control characters
export const PYTHON_LINE_ENDS = new RegExp('\\r\\n|[\\n\\r\\v\\f\\u001c-\\u001e\\u0085\\u2028\\u2029]', 'g')
