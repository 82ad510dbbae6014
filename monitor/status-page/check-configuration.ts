/** Renders the configuration of a check that is in force. Values of secrets are not in it. */

import type { Environment } from '../../environment/environment.ts'
import { type Html, html } from '../../pages/html.ts'
import type { Check } from '../config/configuration.ts'
import type { CheckPage } from './check-reader.ts'
import { durationText } from './parts.ts'

type Setting = [name: string, value: Html | string]

export function configurationSection({ configured, environment }: CheckPage, isOperator: boolean): Html | undefined {
  if (!configured) return undefined
  const settings = [
    ...publicSettings(configured),
    ...(isOperator ? operatorSettings(configured) : []),
    ...(isOperator && environment ? environmentSettings(environment) : []),
  ]
  return html`<section aria-labelledby="configuration">
  <h2 id="configuration">Configuration in force</h2>
  <dl class="card">${settings.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  ${isOperator && html`<p><a href="/checks/${encodeURIComponent(configured.name)}/advice">Would other settings have spared alerts?</a></p>`}
</section>`
}

function publicSettings({ cron, timezone, locations, agree, confirm }: Check): Setting[] {
  return [
    ['Schedule', cron === undefined ? 'on request only' : code(cron)],
    ['Time zone', timezone],
    ['Locations', locations.length > 1 ? `${locations.join(', ')}; ${agree} must agree` : locations.join(', ')],
    ['Down after', downText(confirm)],
    ['Up after', confirm.up === 1 ? '1 pass' : `${confirm.up} passes in a row`],
    ['To confirm, replayed again after', durationText(confirm.everyMs)],
  ]
}

function downText({ down, of }: Check['confirm']): string {
  if (of !== undefined) return `${down} failures among ${of} replays`
  return down === 1 ? '1 failure' : `${down} failures in a row`
}

function operatorSettings(check: Check): Setting[] {
  const { specs, tags, title, projects, timeoutMs, retries, slowAboveMs, evidence, channels, dependsOn } = check
  return [
    ['Specs', listText(specs, 'all')],
    ...(tags.length > 0 ? [['Tags', tags.join(', ')] as Setting] : []),
    ...(title === undefined ? [] : [['Title', redacted(String(title))] as Setting]),
    ...(projects.length > 0 ? [['Projects', projects.join(', ')] as Setting] : []),
    ['Timeout of a test', durationText(timeoutMs)],
    ['Retries', String(retries)],
    ['Slow above', slowAboveMs === undefined ? 'never' : durationText(slowAboveMs)],
    ['Evidence', evidence],
    ['Channels', listText(channels, 'none')],
    ['Depends on', listText(dependsOn, 'no other check')],
    ['Missed slots', check.makeUpMissed ? 'the last one is made up' : 'are only recorded'],
  ]
}

function environmentSettings(environment: Environment): Setting[] {
  const { baseURL, origins = [], writes = 'refused', headers = {}, cleanup = [], onlineProbe, version } = environment
  return [
    ['Base URL', code(shownUrl(baseURL))],
    ...(origins.length > 0 ? [['Origins', origins.map(shownUrl).join(', ')] as Setting] : []),
    ['Headers', headersText(headers)],
    ['Writes', writes],
    ...(cleanup.length > 0
      ? [['Cleanup rules', cleanup.map(({ create }) => redacted(create)).join(', ')] as Setting]
      : []),
    ...(onlineProbe === undefined ? [] : [['Online probe', shownUrl(onlineProbe)] as Setting]),
    ...(version === undefined ? [] : [['Version', JSON.stringify(version)] as Setting]),
  ]
}

/** Names, and the secrets in their values: a value that is written out may be a secret as well. */
function headersText(headers: Record<string, string>): Html | string {
  const shown = Object.entries(headers).map(([name, value]) => {
    const secrets = value.match(placeholder) ?? []
    return `${name}: ${secrets.length === 0 ? 'not shown' : secrets.map(redacted).join(', ')}`
  })
  return shown.length === 0 ? 'none' : code(shown.join('; '))
}

const placeholder = /\$\{secret:[A-Za-z_][A-Za-z0-9_]*(?::[a-z-]+)?\}/g

/** `secret('NAME')` for each placeholder of a secret. */
function redacted(text: string): string {
  return text.replace(placeholder, found => `secret('${found.replace(/^\$\{secret:|[:}].*$/g, '')}')`)
}

/** Without what a URL may hold of secrets: user, password and query. */
function shownUrl(url: string): string {
  return redacted(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, ''))
}

const code = (text: string) => html`<code>${text}</code>`

const listText = (names: readonly string[], none: string) => (names.length === 0 ? none : names.join(', '))
