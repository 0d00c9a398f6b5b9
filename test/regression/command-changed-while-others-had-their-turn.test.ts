/**
 * A command through the plugin for AWS clients was read once others had had their turn, if that was due: who used the bytes of
 * its key, or the objects around them, again after a moment wrote another item, now and then.
 */
import { expect, test } from 'vitest'
import { open, table, type } from '../../src/index.js'

type Handler = (args: { readonly input: unknown }) => Promise<unknown>
type Middleware = (next: Handler, context: object) => Handler

const Things = table('things', { schema: type<{ id: Uint8Array; n: number }>(), key: ['id'] })

/** Moments in which nobody but promises has a turn. */
async function moments(): Promise<void> {
  for (let n = 0; n < 30; n++) await null
}

test('what a command writes is what it was when it was sent', async () => {
  const db = await open('memory:')
  const things = db.table(Things)
  let perform: Middleware | undefined
  db.awsPlugin().applyToStack({
    add(middleware: Middleware, { name }: { readonly name: string }) {
      if (name === 'dynafileMiddleware') perform = middleware
    },
  })
  const put = (item: object) => {
    const context = { commandName: 'PutItemCommand', __smithy_context: { commandInstance: {} } }
    const unreachable: Handler = () => Promise.reject(new Error('sent'))
    return perform!(unreachable, context)({ input: { TableName: 'things', Item: item } })
  }
  await put({ id: { B: Uint8Array.of(0) }, n: { N: '0' } })

  const before = put({ id: { B: Uint8Array.of(1) }, n: { N: '1' } })
  await moments()
  // So long that others are due.
  for (const begunAt = performance.now(); performance.now() - begunAt < 20; );
  const id = Uint8Array.of(2)
  const n = { N: '2' }
  const put2 = put({ id: { B: id }, n })
  await moments()
  id.fill(9)
  n.N = '9'
  await Promise.all([before, put2])
  expect(await things.get({ id: Uint8Array.of(2) })).toEqual({ id: Uint8Array.of(2), n: 2 })
  expect(await things.get({ id: Uint8Array.of(9) })).toBe(undefined)
  await db.close()
})
