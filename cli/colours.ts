/** Colours text for a terminal. */

/** Wraps a text in the escape sequences of a colour, or returns it unchanged. */
export type Paint = (colour: keyof typeof codes, text: string) => string

const codes = { red: 31, green: 32, yellow: 33, grey: 90 } as const

export function painter(isOn: boolean): Paint {
  return (colour, text) => (isOn ? `\u001b[${codes[colour]}m${text}\u001b[39m` : text)
}
