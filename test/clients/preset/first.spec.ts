import { expect, test } from 'vitest'
import { customers, order, tables } from './orders.js'

test('begins with the tables of the configuration, and writes', async () => {
  expect(await tables()).toEqual(['orders'])
  await order('first')
  expect(await customers()).toEqual(['ada', 'first'])
})

test('begins anew', async () => {
  expect(await customers()).toEqual(['ada'])
})
