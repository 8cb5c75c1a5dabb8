/**
 * Text that others wrote, safe to show: letters that steer a terminal or turn the direction of a line are replaced, so
 * that the alias of a key cannot rewrite what an administrator reads.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu, '\u{FFFD}')
}
