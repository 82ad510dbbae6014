import { defineSentence } from 'reprise/plain-english'

export default [
  defineSentence(
    'I am signed in as {word}',
    async ({ request, scenario }, who) => {
      const response = await request.post('/login', { data: { user: who } })
      scenario.setHeader('authorization', `Bearer ${(await response.json()).token}`)
    },
    { meaning: 'sends the token with each following request', example: 'I am signed in as ada' },
  ),
]