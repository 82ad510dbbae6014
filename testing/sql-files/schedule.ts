/** Reads a schedule of PostgreSQL's own suite: the order of its files, and which ones a file needs before it. */

export interface Schedule {
  /** All files, in their order. */
  names: string[]
  /** The files that a file needs, in the order of the schedule. Most need none but the usual set-up. */
  needs: ReadonlyMap<string, readonly string[]>
}

/** Reads lines such as `test: point box` and `# geometry depends on point, box`. */
export function readSchedule(text: string): Schedule {
  const names = [...text.matchAll(/^test:(.*)$/gm)].flatMap(([, line = '']) => line.split(' ').filter(Boolean))
  const direct = new Map<string, string[]>()
  for (const [, name = '', needed = ''] of text.matchAll(/^# (\w+) depends on (.+)$/gm)) {
    direct.set(name, [...(direct.get(name) ?? []), ...needed.split(/,\s*/)])
  }
  const all = (name: string): string[] => (direct.get(name) ?? []).flatMap(it => [...all(it), it])
  return {
    names,
    needs: new Map([...direct.keys()].map(name => [name, names.filter(it => all(name).includes(it))])),
  }
}
