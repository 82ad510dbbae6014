/** Tells what went wrong on our side from what the target did. */

const ours = [
  // Out of memory, killed, or ended by the spec: whatever it was, the target did not do it.
  /worker process exited unexpectedly/,
  /\bbrowserType\.(launch|connect)/,
  /Executable doesn't exist at/,
  // Of the fixtures, about the configuration and the place where they work.
  /was not sent: writes to .* are refused/,
  /The ledger cannot be written in/,
  /\b(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM)\b/,
]

export function isOwnFault(message: string): boolean {
  return ours.some(pattern => pattern.test(message))
}
