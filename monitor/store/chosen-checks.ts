/** SQL condition: a check is among those whose names are in a parameter (`text[]`); null: all are. */
export const isChosen = (name: string, parameter: string) =>
  `(${parameter}::text[] is null or ${name} = any(${parameter}))`
