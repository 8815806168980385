import { Injectable, Module } from '@nestjs/common';
import {
  type RocketMQMessage,
  RocketMQMessageListener,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type TransactionState,
} from 'nestjs-rocketmq';
import { RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';
import { running } from './running.js';

@Injectable()
@RocketMQTransactionListener()
class OrderTransactions implements RocketMQTransactionListener<{ id: string }> {
  async executeLocalTransaction(_message: unknown, _id: string, state: unknown): Promise<TransactionState> {
    return state as TransactionState;
  }

  async checkLocalTransaction({ payload }: RocketMQMessage<{ id: string }>): Promise<TransactionState> {
    return payload.id === 'forgotten' ? 'COMMIT' : 'ROLLBACK';
  }
}

@Injectable()
class Billing {
  readonly arrivals = new Arrivals<string>();

  @RocketMQMessageListener({ topic: 'sold', consumerGroup: 'billing' })
  bill({ id }: { id: string }): void {
    this.arrivals.put(id);
  }
}

@Module({
  imports: [RocketMQTestingModule.forRoot({ broker: { transactionCheckInterval: 100, transactionTimeOut: 100 } })],
  providers: [OrderTransactions, Billing],
})
class TransactionsModule {}

/** Both halves of a transaction, and what a broker that was not told asks. */
export async function tryTransactions(check: Check): Promise<void> {
  await running(TransactionsModule, async (app) => {
    const template = app.get(RocketMQTemplate);
    const refused = await template.send('sold', { id: 'refused' }, { transaction: async () => 'rollback' });
    check('a function decides', refused.localTransactionState, 'ROLLBACK');
    const unknown = await template.sendMessageInTransaction('sold', { id: 'forgotten' }, 'unknown');
    check('the listener decides', unknown.localTransactionState, 'UNKNOWN');
    check('the broker asks the listener', await app.get(Billing).arrivals.have(1), ['forgotten']);
    await template.sendMessageInTransaction('sold', { id: 'paid' }, 'commit');
    check('only what was committed arrives', await app.get(Billing).arrivals.have(2), ['forgotten', 'paid']);
  });
}
