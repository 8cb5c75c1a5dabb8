import { expect, it } from 'vitest'
import { createFlights } from './flights.ts'

it('whoever asks while one is under way follows it; after that they lead', async () => {
  const flights = createFlights<string>()
  expect(flights.find('a')).toBeUndefined()
  const flight = flights.lead('a')
  expect(flights.find('a')).toBe(flight)
  expect(flights.find('b')).toBeUndefined()
  flight.land({ type: 'answer', value: 'x' })
  expect(flights.find('a')).toBeUndefined()
  expect(await flight.outcome).toEqual({ type: 'answer', value: 'x' })
})

it('tells the leader when the last of those who follow has left', () => {
  const flight = createFlights<string>().lead('a')
  let alone = 0
  flight.onAlone(() => alone++)
  const leave = [flight.follow(), flight.follow()]
  leave[0]?.()
  leave[0]?.()
  expect([flight.following(), alone]).toEqual([1, 0])
  leave[1]?.()
  expect([flight.following(), alone]).toEqual([0, 1])
})

it('lands once: a later one of the same key is not taken away', async () => {
  const flights = createFlights<string>()
  const first = flights.lead('a')
  first.land({ type: 'none' })
  const second = flights.lead('a')
  first.land({ type: 'answer', value: 'late' })
  expect(flights.find('a')).toBe(second)
  expect(await first.outcome).toEqual({ type: 'none' })
})
