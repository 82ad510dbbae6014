/** What the sandbox adds to one statement. */
import pg from 'pg'
import { median, sideBySide } from './median.ts'
import { withSubject } from './subject.ts'
import { type Row, ratio, type Section } from './table.ts'

export function measureSelects(short: boolean): Promise<Section> {
  return withSubject(async ({ bare, sandbox, pool }) => {
    sandbox.open()
    const inMemory = await pool.connect()
    const overTcp = new pg.Client(sandbox.url)
    await overTcp.connect()
    const rows: Row[] = []
    for (const [what, args] of [
      ['select 1, simple protocol', ['select 1']],
      ['select $1, extended protocol', ['select $1::int', [1]]],
    ] as const) {
      const contestants = Object.fromEntries(
        Object.entries({ bare, inMemory, overTcp }).map(([name, client]) => [
          name,
          () => client.query(args[0], args[1] as unknown as unknown[]),
        ]),
      )
      const rounds: Array<Record<string, number>> = []
      for (let i = 0; i < (short ? 3 : 7); i++) rounds.push(await sideBySide(contestants, 1000))
      const of = (name: string) => median(rounds.map(round => round[name] ?? Number.NaN))
      rows.push({ what: `${what}: bare pg client`, ms: of('bare') })
      rows.push({
        what: '  sandbox, in process',
        ms: of('inMemory'),
        relation: ratio(of('inMemory'), of('bare'), 'bare pg'),
      })
      rows.push({
        what: '  sandbox, over TCP',
        ms: of('overTcp'),
        relation: ratio(of('overTcp'), of('bare'), 'bare pg'),
      })
    }
    inMemory.release()
    await overTcp.end()
    await sandbox.close()
    return { title: 'One statement', rows }
  })
}
