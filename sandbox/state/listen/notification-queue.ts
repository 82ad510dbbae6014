/** What a session has heard and its client is not told yet: while it works, is in a transaction, or takes nothing. */
import { type Notification, notificationResponse } from './notifications.ts'

/** As many bytes as a thousand of the longest. A server keeps more, but not without end either. */
const most = 8_388_608

export class NotificationQueue {
  #heard: { channel: string; frame: Buffer }[] = []
  /** In bytes. */
  length = 0

  /** The client is so far behind that nobody may notify anything more. */
  get isBehind(): boolean {
    return this.length > most
  }

  /** The session with this number has notified them. */
  add(processId: number, notifications: readonly Notification[]): void {
    for (const notification of notifications) {
      const frame = notificationResponse(processId, notification)
      this.#heard.push({ channel: notification.channel, frame })
      this.length += frame.length
    }
  }

  /** The messages that tell the client, which are told now, as far as it still listens to their channels. */
  take(listened: ReadonlySet<string>): readonly Buffer[] {
    if (this.#heard.length === 0) return nothing
    const told = this.#heard.filter(({ channel }) => listened.has(channel))
    this.#heard = []
    this.length = 0
    return told.map(({ frame }) => frame)
  }
}

const nothing: readonly Buffer[] = []
