/** Names of operators, as they are recorded. */

/** Without characters that are invisible, or change how others are read. */
const allowed = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u

/** Returns the name without spaces around it; undefined if it cannot be recorded. */
export function operatorName(text: string): string | undefined {
  const name = text.trim()
  return allowed.test(name) ? name : undefined
}
