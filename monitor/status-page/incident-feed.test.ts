import { expect, test } from '../../testing/test.ts'
import { type Feed, feedUpdatedAt, feedXml } from './incident-feed.ts'

const at = (minute: number) => new Date(Date.UTC(2030, 2, 1, 3, minute))
const check = { openedAt: at(1), closedAt: at(9), failingVersion: '2.37.0', passedVersion: null }
const feed: Feed = {
  incidents: [
    { id: 7, environment: 'production', openedAt: at(1), closedAt: null, checks: [{ ...check, name: 'users' }] },
    {
      ...{ id: 6, environment: 'a\u0000\u0008\ud800\uffff', openedAt: at(0), closedAt: at(2) },
      checks: Array.from({ length: 30 }, (_, n) => ({ ...check, name: `c${n}` })),
    },
  ],
  publicUrl: 'https://status.example.com/of/us?a=1',
  madeAt: at(0),
}

test('ids and links are those of REPRISE_URL, and an entry is updated when a check leaves its incident', () => {
  const xml = feedXml(feed)
  for (const path of ['incidents', 'incidents/7', 'incidents/6']) {
    expect(xml).toContain(`<id>https://status.example.com/of/us/${path}</id>`)
    expect(xml).toContain(`type="text/html" href="https://status.example.com/of/us/${path}"/>`)
  }
  expect(xml).toContain('type="application/atom+xml" href="https://status.example.com/of/us/incidents.atom"/>')
  expect(xml).toContain('<updated>2030-03-01T03:09:00.000Z</updated>')
  expect(feedUpdatedAt({ ...feed, incidents: [] })).toEqual(at(0))
  expect(xml).toContain('First red on 2.37.0, last green on an unknown version.')
})

test('many checks are shortened, and characters that XML cannot hold are replaced', () => {
  expect(feedXml(feed)).toContain('<title>Over in a\\u0000\\u0008\ufffd\ufffd: c0, c1, c2, c3, c4 and 25 more</title>')
})

test('an incident that a clock set back has ended before it began lasted no time', () => {
  const back = { id: 8, environment: 'production', openedAt: at(9), closedAt: at(1), checks: [] }
  expect(feedXml({ ...feed, incidents: [back] })).toContain('to 2030-03-01 03:01:00 UTC, for 0 ms.')
})
