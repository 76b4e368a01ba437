/** @typedef {{ name: string, problem: string | null }} Check - `problem` is null if the check passed */

/**
 * @param {string} name
 * @param {readonly string[]} problems
 * @returns {Check}
 */
export function check(name, problems) {
  return { name, problem: problems.length === 0 ? null : problems.slice(0, 5).join('; ') }
}
