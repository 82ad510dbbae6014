/** The source of a regular expression that matches this text and no other. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, character => `\\${character}`)
}
