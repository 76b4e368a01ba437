/**
 * A regular expression in which optional groups are counted: xgrammar 0.2.9 skips the start of a group such as `(\.[0-9]+)?`, and lets
 * its end follow alone.
 */
export function optionalGroups(pattern: string): string {
  return pattern.replaceAll(/(\\.|\[(?:\\.|[^\]\\])*\])|\)\?/gsu, (_, kept: string | undefined) => kept ?? '){0,1}')
}
