/** Sentences about the mails that the application has sent in this scenario; local runs only. */
import type { Mail, Mailbox } from '../../fixtures/index.ts'
import { assertThat, type Claim } from '../run/assertion.ts'
import { defineSentence } from './define-sentence.ts'

/** The mail that the last sentence with a recipient was about. */
const current = new WeakMap<Mailbox, Mail>()

export const mails = [
  defineSentence('Wait For A Mail To {string}', ({ mail }, to) => mailTo(mail, to), {
    meaning:
      'waits until a mail was sent to this address, for at most 10 s; local runs only, as for all sentences about mails',
    example: 'Wait For A Mail To "${unique.email}"',
  }),
  defineSentence(
    'The Mail To {string} Should Contain {string}',
    ({ mail }, to, wanted) =>
      expectMail(
        mail,
        to,
        { words: 'should contain', wanted },
        ({ text }) => spaced(text),
        text => text.includes(spaced(wanted)),
      ),
    {
      meaning: 'the text of a mail to this address contains this text; waits for it',
      example: 'The Mail To "${unique.email}" Should Contain "Welcome, Ada"',
    },
  ),
  defineSentence(
    'The Mail To {string} Should Have Subject {string}',
    ({ mail }, to, wanted) =>
      expectMail(
        mail,
        to,
        { words: 'should have subject', wanted },
        ({ subject }) => subject,
        subject => subject === wanted,
      ),
    {
      meaning: 'a mail to this address has this subject; waits for it',
      example: 'The Mail To "${unique.email}" Should Have Subject "Welcome"',
    },
  ),
  defineSentence(
    'The Mail To {string} Should Come From {string}',
    ({ mail }, to, wanted) =>
      expectMail(
        mail,
        to,
        { words: 'should come from', wanted },
        ({ from }) => from,
        from => from === wanted,
      ),
    {
      meaning: 'a mail to this address has this sender; waits for it',
      example: 'The Mail To "${unique.email}" Should Come From "shop@example.com"',
    },
  ),
  defineSentence(
    'The Mail To {string} Should Have Attachment {string}',
    ({ mail }, to, wanted) =>
      expectMail(
        mail,
        to,
        { words: 'should have attachment', wanted },
        ({ attachments }) => attachments.map(({ name }) => name).join(', '),
        (_, { attachments }) => attachments.some(({ name }) => name === wanted),
      ),
    {
      meaning: 'a mail to this address has an attachment with this file name; waits for it',
      example: 'The Mail To "${unique.email}" Should Have Attachment "invoice.pdf"',
    },
  ),
  defineSentence('No Mail Should Be Sent To {string}', ({ mail }, to) => expectCount(mail, to, 0), {
    meaning: 'no mail was sent to this address so far; first assert what happens after it would have been sent',
    example: 'No Mail Should Be Sent To "grace@example.com"',
  }),
  defineSentence('{int} Mail(s) Should Be Sent To {string}', ({ mail }, wanted, to) => expectCount(mail, to, wanted), {
    meaning: 'this many mails were sent to this address so far',
    example: '1 Mail Should Be Sent To "ada@example.com"',
  }),
  defineSentence(
    'Save Link In The Mail As {name}',
    ({ mail, scenario }, name) => scenario.variables.set(name, linkOf(mail)),
    {
      meaning: 'stores the URL of the first link in the mail of the last sentence with an address',
      example: 'Save Link In The Mail As url',
    },
  ),
  defineSentence(
    'Save Link {string} In The Mail As {name}',
    ({ mail, scenario }, text, name) => scenario.variables.set(name, linkOf(mail, text)),
    { meaning: 'stores the URL of the link with this text', example: 'Save Link "Confirm" In The Mail As url' },
  ),
  defineSentence(
    'Save Match Of {pattern} In The Mail As {name}',
    ({ mail, scenario }, pattern, name) => {
      const { text } = currentOf(mail)
      const found = pattern.exec(text)
      if (!found) throw new Error(`The mail has no match of ${pattern}; its text: ${spaced(text)}`)
      scenario.variables.set(name, found[1] ?? found[0])
    },
    {
      meaning: 'stores what the regular expression, or its first group, matches in the text of the mail',
      example: 'Save Match Of "code: (\\d+)" In The Mail As code',
    },
  ),
]

async function mailTo(mailbox: Mailbox, to: string, where?: (mail: Mail) => boolean): Promise<Mail> {
  const found = await mailbox.waitFor({ to, ...(where && { where }) })
  current.set(mailbox, found)
  return found
}

/** Waits for a mail that fits. If there are only others, the failure has the part of the last one. */
async function expectMail(
  mailbox: Mailbox,
  to: string,
  claim: Omit<Claim, 'subject'>,
  partOf: (mail: Mail) => string,
  accepts: (part: string, mail: Mail) => boolean,
): Promise<void> {
  try {
    await mailTo(mailbox, to, mail => accepts(partOf(mail), mail))
  } catch (error) {
    const last = (await mailbox.list({ to })).at(-1)
    if (!last) throw error
    assertThat(partOf(last), { subject: `the mail to ${to}`, ...claim }, it => it.toBe(claim.wanted))
  }
}

async function expectCount(mailbox: Mailbox, to: string, wanted: number): Promise<void> {
  const subjects = (await mailbox.list({ to })).map(({ subject }) => subject)
  const claim = { subject: `the number of mails to ${to}`, words: 'should be', wanted }
  const shown = subjects.length > 0 ? ` Their subjects: ${subjects.join(', ')}.` : ''
  try {
    assertThat(subjects.length, claim, it => it.toBe(wanted))
  } catch (error) {
    if (error instanceof Error) error.message += shown
    throw error
  }
}

function currentOf(mailbox: Mailbox): Mail {
  const mail = current.get(mailbox)
  if (mail) return mail
  throw new Error('No sentence was about a mail yet: write one above, such as Wait For A Mail To "ada@example.com".')
}

function linkOf(mailbox: Mailbox, wanted?: string): string {
  const { links, text } = currentOf(mailbox)
  const found = links.find(link => wanted === undefined || link.text === wanted)
  if (found) return found.url
  const shown = links.map(link => JSON.stringify(link.text)).join(', ')
  throw new Error(
    wanted === undefined || links.length === 0
      ? `The mail has no link; its text: ${spaced(text)}`
      : `The mail has no link ${JSON.stringify(wanted)}; its links: ${shown}.`,
  )
}

/** White space collapsed, because mails have lines of a limited length. */
function spaced(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
