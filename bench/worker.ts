/** Measures the start of a worker, which Playwright repeats after a failed test: its database and its sandbox. */
import { createClone } from '../postgres/templates/clone.ts'
import { ensureTemplate } from '../postgres/templates/template.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { sideBySide } from './median.ts'
import { content, withSubject } from './subject.ts'
import { duration, type Section } from './table.ts'

export function measureWorker(short: boolean): Promise<Section> {
  return withSubject(async ({ server }) => {
    const cleanUp: Array<() => Promise<void>> = []
    const { worker } = await sideBySide(
      {
        worker: async () => {
          const clone = await createClone(server, await ensureTemplate(server, content))
          const sandbox = await Sandbox.connect(clone.url)
          cleanUp.push(async () => {
            await sandbox.dispose()
            await clone.drop()
          })
        },
      },
      short ? 3 : 20,
    )
    for (const end of cleanUp) await end()
    return {
      title: 'The start of a worker',
      rows: [
        {
          what: 'look up the template, clone it, connect',
          median: duration(worker),
          target: 'less than 100 ms',
          missed: worker >= 100,
        },
      ],
    }
  })
}
