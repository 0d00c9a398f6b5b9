const { customers, order, tables } = require('./orders.cjs')

test('begins with the tables of the configuration, and writes', async () => {
  expect(await tables()).toEqual(['orders'])
  await order('second')
  expect(await customers()).toEqual(['ada', 'second'])
})

test('begins anew', async () => {
  expect(await customers()).toEqual(['ada'])
})
