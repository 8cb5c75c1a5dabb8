import { createDefaultTransport } from './default-transport.ts'
import { testTransport } from './transport.contract.ts'

testTransport(createDefaultTransport)
