/**
 * Every member of every request, replaced by everything that it should not be: always an answer, never a mistake of ours,
 * and whoever performs operations gets nothing but what their shapes demand.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, open } from '../../../src/index.js'
import type { Members } from '../../../src/server/performer.js'
import { operationsByName } from '../../../src/server/shape/operations.js'
import { nonconformity, placesIn, replacedAt, WRONG_VALUES, wholeRequest } from '../../support/random-requests.js'
import { protocolTo, RecordingPerformer, spoken, wireRequest } from '../../support/wire-fixture.js'

const REFUSALS = /#(SerializationException|ValidationException)$/

let db: Database
beforeAll(async () => {
  db = await open('memory:')
})
afterAll(() => db.close())

test('a whole request conforms, to begin with', async () => {
  for (const { name, input } of operationsByName.values()) {
    const performer = new RecordingPerformer()
    const protocol = protocolTo(performer)
    const { text } = spoken(await protocol.answer(wireRequest(name, wholeRequest(input))))
    // ARNs and tokens have lengths and patterns that the sample does not guess.
    if (performer.performed.length === 0) expect(text).toMatch(/regular expression pattern|length/)
  }
})

describe.each([...operationsByName.values()])('$name', ({ name, input: shape }) => {
  const whole = wholeRequest(shape)
  const places = placesIn(whole)

  test(`with each of its ${places.length} places spoilt`, async () => {
    const answered: Members = Object.freeze({})
    const performer = new RecordingPerformer(({ input }) => {
      expect(nonconformity(shape, input)).toBe(undefined)
      return answered
    })
    const protocol = protocolTo(performer)
    for (const place of places) {
      for (const wrong of WRONG_VALUES) {
        const request = wireRequest(name, replacedAt(whole, place, wrong))
        const { status, json, text } = spoken(await protocol.answer(request))
        if (status === 200) continue
        expect(status, `${place.join('.')} = ${JSON.stringify(wrong)}: ${text}`).toBe(400)
        expect(json.__type).toMatch(REFUSALS)
      }
    }
  })

  test('with each of its places spoilt, before a database', { timeout: 120_000 }, async () => {
    const { requestHandler } = db.awsConfig()
    for (const place of places) {
      for (const wrong of WRONG_VALUES) {
        const { response } = await requestHandler.handle(wireRequest(name, replacedAt(whole, place, wrong)))
        const text = response.body.toString()
        expect([200, 400], `${place.join('.')} = ${JSON.stringify(wrong)}: ${text}`).toContain(response.statusCode)
      }
    }
  })
})
