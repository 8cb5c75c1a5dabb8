import { createDefaultTransport } from './default-transport.ts'
import { describeTransport } from './transport.contract.ts'

describeTransport('default transport', createDefaultTransport)
