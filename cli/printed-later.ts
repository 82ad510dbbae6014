/** Keeps lines until others are printed that belong before them. */
export function printedLater(print: (text: string) => void) {
  const waiting: string[] = []
  let hasBegun = false
  return {
    print: (text: string) => {
      if (hasBegun) print(text)
      else waiting.push(text)
    },
    begin: () => {
      hasBegun = true
      for (const text of waiting) print(text)
    },
  }
}
