import { createFetchTransport } from './fetch-transport.ts'
import { testTransport } from './transport.contract.ts'

testTransport(createFetchTransport)
