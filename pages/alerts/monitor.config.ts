import { defineMonitor, secret, slack, webhook } from 'reprise/monitor'

export default defineMonitor({
  environments: { production: { baseURL: 'https://api.example.com' } },
  checks: { users: { specs: 'e2e/api/users.spec.ts', channels: ['oncall', 'desk'] } },
  channels: {
    oncall: slack({ url: secret('SLACK_URL') }),
    desk: webhook({ url: secret('DESK_URL'), signingKey: secret('DESK_KEY') }),
  },
})