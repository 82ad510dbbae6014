/** Checks a page with axe, and lists what it finds for the author of a page. */
import type { Page } from '@playwright/test'

/** The most elements of a rule that are listed. */
const most = 5

/** The violations, one paragraph a rule; empty if there are none. @param except Rules that are not checked. */
export async function accessibilityFaults(page: Page, except: readonly string[]): Promise<string> {
  // Large, and needed only here.
  const { AxeBuilder } = await import('@axe-core/playwright').catch(explainMissing)
  const { violations } = await new AxeBuilder({ page }).disableRules([...except]).analyze()
  return violations
    .map(({ id, impact, help, helpUrl, nodes }) => {
      const shown = nodes.slice(0, most).map(({ target, html }) => `    ${target.flat().join(' ')}: ${html}`)
      const left = nodes.length > most ? [`    and ${nodes.length - most} more`] : []
      return [`  ${id} (${impact ?? 'unknown'}): ${help}`, ...shown, ...left, `    ${helpUrl}`].join('\n')
    })
    .join('\n')
}

function explainMissing(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'@axe-core/playwright'")) throw error
  throw new Error(
    'The check of accessibility is a package of its own, which is not installed: npm install --save-dev @axe-core/playwright.',
    { cause: error },
  )
}
