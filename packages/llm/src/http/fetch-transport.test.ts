import { createFetchTransport } from './fetch-transport.ts'
import { describeTransport } from './transport.contract.ts'

describeTransport('fetch transport', createFetchTransport)
