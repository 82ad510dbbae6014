import { expect, test } from '../testing/test.ts'
import { html } from './html.ts'

test('text is escaped, and shows what would change how it is read, wherever it stands', () => {
  const text = `<b title='"'>&\u202egnp.exe\u0007\r\n\tend`
  const shown = '&lt;b title=&#39;&quot;&#39;&gt;&amp;\\u202egnp.exe\\u0007\n\tend'
  expect(html`<p title="${text}">${[text, html`<i>${text}</i>`]}</p>`.text).toBe(
    `<p title="${shown}">${shown}<i>${shown}</i></p>`,
  )
  expect(html`${false}${undefined}${0}`.text).toBe('0')
})
