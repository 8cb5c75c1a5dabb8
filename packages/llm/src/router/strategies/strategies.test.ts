import { strategies } from './index.ts'
import { strategyContract } from './strategies.contract.ts'

for (const strategy of strategies.values()) strategyContract(strategy)
